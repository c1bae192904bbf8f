import { UNREADABLE } from '../../../domain/input.ts';
import { LINE_SPELLINGS, LINES, type Line, type LinesInput } from '../../../domain/lines.ts';

/** GraphQL's spelling of a line's switch, such as `isSmartphoneSipLineAvailable`. */
export type LineField = (typeof LINE_SPELLINGS)[Line]['graphql'];

export const lineField = (line: Line): LineField => LINE_SPELLINGS[line].graphql;

const DESCRIPTIONS: Readonly<Record<Line, string>> = {
  smartphoneSip: "Whether a call rings on the residents' smartphones (SIP).",
  landlineSip: 'Whether a call rings on the landline number (SIP).',
  analog: 'Whether a call rings on the analog handset on the wall.',
};

/** One field for each line, by its name. */
export function forEachLine<T>(make: (line: Line, description: string) => T): Record<LineField, T> {
  return Object.fromEntries(LINES.map((line) => [lineField(line), make(line, DESCRIPTIONS[line])])) as Record<
    LineField,
    T
  >;
}

/** The lines of an input; null is no state of a line. */
export const toLinesInput = (input: Readonly<Partial<Record<LineField, boolean | null | undefined>>>): LinesInput =>
  Object.fromEntries(
    LINES.map((line) => [line, input[lineField(line)] === null ? UNREADABLE : input[lineField(line)]]),
  ) as LinesInput;

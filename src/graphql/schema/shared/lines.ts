import { UNREADABLE } from '../../../domain/input.ts';
import { LINES, type Line, type LinesInput } from '../../../domain/lines.ts';

/** GraphQL's spelling of a line's switch: `isSmartphoneSipLineAvailable`. */
export type LineField = `is${Capitalize<Line>}LineAvailable`;

const NAMES = Object.fromEntries(
  LINES.map((line) => [line, `is${line[0]?.toUpperCase()}${line.slice(1)}LineAvailable`]),
) as Readonly<Record<Line, LineField>>;

export const lineField = (line: Line): LineField => NAMES[line];

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

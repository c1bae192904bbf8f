import { type Input, UNREADABLE } from './input.ts';
import type { FieldError } from './refusal.ts';

/** The phone lines that can ring in a flat. A new line is one entry here and one migration. */
export const LINES = ['smartphoneSip', 'landlineSip', 'analog'] as const;

export type Line = (typeof LINES)[number];

/** How a line is spelled: in the names of columns, and its switch in REST bodies and CSV files, and in GraphQL. */
export const LINE_SPELLINGS = {
  smartphoneSip: {
    column: 'smartphone_sip',
    rest: 'is_smartphone_sip_line_available',
    graphql: 'isSmartphoneSipLineAvailable',
  },
  landlineSip: {
    column: 'landline_sip',
    rest: 'is_landline_sip_line_available',
    graphql: 'isLandlineSipLineAvailable',
  },
  analog: {
    column: 'analog',
    rest: 'is_analog_line_available',
    graphql: 'isAnalogLineAvailable',
  },
} as const satisfies Readonly<Record<Line, Readonly<Record<'column' | 'rest' | 'graphql', string>>>>;

/** Which lines of a flat are available. */
export type Lines = Readonly<Record<Line, boolean>>;

/** The lines to set; a line that is absent stays as it is. */
export type LinesPatch = Readonly<Partial<Lines>>;

/**
 * Every state of the lines, indexed by a number with one bit for each line (the first line is the lowest bit). Each is
 * created once: creating one for every flat that is read costs more than this lookup.
 */
export const LINE_STATES: readonly Lines[] = Array.from(
  { length: 2 ** LINES.length },
  (_, bits) =>
    Object.freeze(Object.fromEntries(LINES.map((line, index) => [line, (bits & (1 << index)) !== 0]))) as Lines,
);

/** Builds lines by calling `read` for each, with its index in `LINES`. */
export function linesFrom(read: (line: Line, index: number) => boolean): Lines {
  let bits = 0;
  for (let index = 0; index < LINES.length; index++) if (read(LINES[index] as Line, index)) bits |= 1 << index;
  return LINE_STATES[bits] as Lines;
}

/** A new flat has every line unless its row says otherwise. */
export const ALL_AVAILABLE: Lines = linesFrom(() => true);

export const patchLines = (lines: Lines, patch: LinesPatch): Lines => linesFrom((line) => patch[line] ?? lines[line]);

/** Whether the given lines have these values; absent ones do not matter. */
export const hasLines = (lines: Lines, wanted: LinesPatch): boolean =>
  LINES.every((line) => wanted[line] === undefined || wanted[line] === lines[line]);

export const sameLines = (a: Lines, b: Lines): boolean => LINES.every((line) => a[line] === b[line]);

/** Whether no line rings. */
export const isSilent = (lines: Lines): boolean => LINES.every((line) => !lines[line]);

/** The lines as a door parsed them. */
export type LinesInput = Readonly<Record<Line, Input<boolean>>>;

/** The lines that were sent; adds an error for each that is neither true nor false. */
export function parseLines(errors: FieldError[], given: LinesInput): LinesPatch {
  const patch: Partial<Record<Line, boolean>> = {};
  for (const line of LINES) {
    const value = given[line];
    if (value === UNREADABLE) errors.push({ field: line, code: 'INVALID_BOOLEAN' });
    else if (value !== undefined) patch[line] = value;
  }
  return patch;
}

/** How many flats have which line, of one intercom or of all. */
export interface LineStatistics {
  readonly flats: number;
  /** Flats whose lines were changed since the moment asked for; a new flat is no change. */
  readonly changed: number;
  /** Flats in which the line is available. */
  readonly available: Readonly<Record<Line, number>>;
  /** Flats in each of the `LINE_STATES`. */
  readonly states: readonly number[];
}

import { type Given, UNREADABLE } from './input.ts';
import { LINES, type Line, type LinesPatch } from './lines.ts';
import type { FieldError } from './refusal.ts';

/** The lines as a door read them. */
export type GivenLines = Readonly<Record<Line, Given<boolean>>>;

/** The lines that were sent; adds an error for each that is neither true nor false. */
export function readLines(errors: FieldError[], given: GivenLines): LinesPatch {
  const patch: Partial<Record<Line, boolean>> = {};
  for (const line of LINES) {
    const value = given[line];
    if (value === UNREADABLE) errors.push({ field: line, code: 'INVALID_BOOLEAN' });
    else if (value !== undefined) patch[line] = value;
  }
  return patch;
}

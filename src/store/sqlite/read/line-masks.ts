import { hasLines, LINE_STATES, type LinesPatch } from '../../../domain/lines.ts';

// The column `lines` of `flats` holds all lines as one number, a bit for each. What is known of the lines is then a
// list of such numbers, and each of them is one range of an index.

/** The numbers of all states in which the lines are as wanted. */
export function masksOf(wanted: LinesPatch): readonly number[] {
  return LINE_STATES.flatMap((lines, mask) => (hasLines(lines, wanted) ? [mask] : []));
}

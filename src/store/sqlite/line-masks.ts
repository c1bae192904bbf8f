import { hasLines, LINES, type Lines, type LinesPatch, linesFrom } from '../../domain/lines.ts';

// The column `lines` of `flats` holds all lines as one number, a bit for each. What is known of the lines is then a
// list of such numbers, and each of them is one range of an index.

const MASKS = Array.from({ length: 2 ** LINES.length }, (_, mask) => mask);

const linesOf = (mask: number): Lines => linesFrom((_, bit) => (mask & (2 ** bit)) !== 0);

/** The numbers of all states in which the lines are as wanted. */
export function masksOf(wanted: LinesPatch): readonly number[] {
  return MASKS.filter((mask) => hasLines(linesOf(mask), wanted));
}

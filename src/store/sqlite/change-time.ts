import type { Statements } from './statements.ts';

const FIRST = 'select min(seq) from changes';
const END = 'select max(seq) + 1 from changes';
/** The first row at a place or after it; rows may have been taken out of the log. */
const NEXT = 'select seq, changed_at from changes where seq >= @seq order by seq limit 1';

/**
 * The seq of the first change at a moment or later; past the end of the log when there is none. Time never goes back in
 * the log, so it is found by halving, without an index on the time that every update would have to keep.
 */
export function firstSeqAt({ rows, number }: Statements, moment: number): number {
  let low = number(FIRST, {});
  let high = number(END, {});
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [seq, changedAt] = rows(NEXT, { seq: middle })[0] as [number, number];
    if (changedAt < moment) low = seq + 1;
    else high = middle;
  }
  return low;
}

import type { ChangeFilter } from '../../../domain/change.ts';
import type { Statements } from '../read/query.ts';

const STEPS = 'select seq from clock_steps order by seq';
/** The row at a place or after it; rows may have been taken out of the log. */
const NEXT = 'select seq, changed_at from changes where seq >= @seq order by seq limit 1';

/** The seqs between two places, both exclusive. */
export interface SeqSpan {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The spans of seq that hold the changes of a span of time, in order: one for each run of the log in which time only grows.
 * In a run the ends are found by halving, without an index on the time that every update would have to keep.
 */
export function spansInTime(
  statements: Statements,
  { from, to }: ChangeFilter,
  { lower, upper }: SeqSpan,
): readonly SeqSpan[] {
  if (from === undefined && to === undefined) return [{ lower, upper }];
  const steps = statements.rows(STEPS, {}).map(([seq]) => seq as number);
  const head = statements.number("select seq from sqlite_sequence where name = 'changes'", {});
  const spans: SeqSpan[] = [];
  [0, ...steps].forEach((first, index) => {
    const end = steps[index] ?? head + 1;
    if (first >= upper || end <= lower + 1) return;
    const low = from === undefined ? first : firstSeqAt(statements, from, first, end);
    const high = to === undefined ? end : firstSeqAt(statements, to, low, end);
    const span = { lower: Math.max(lower, low - 1), upper: Math.min(upper, high) };
    if (span.upper - span.lower > 1) spans.push(span);
  });
  return spans;
}

/** The first seq from `low` on at a moment or later, within a run that ends before `high`; `high` when there is none. */
function firstSeqAt({ rows }: Statements, moment: number, low: number, high: number): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [seq, changedAt] = (rows(NEXT, { seq: middle })[0] ?? [high, 0]) as [number, number];
    if (seq >= high) high = middle;
    else if (changedAt < moment) low = seq + 1;
    else high = middle;
  }
  return low;
}

import type { Change, ChangeFilter } from '../../../domain/change.ts';
import { lastIdOf, r, text } from '../sql-text.ts';
import { changeSetRuns, changes, clockSteps, type provisionChanges } from '../tables.ts';
import type { Statements, Values } from './query.ts';

/** Rows of the change log in one of its tables. */
export interface LogSource {
  /** The first rows of a span that a filter asks for, or the last ones, in that order. */
  rows(filter: ChangeFilter, span: SeqSpan, down: boolean, limit: number): readonly Change[];
  /** Counts no further than to `atMost`. */
  count(filter: ChangeFilter, span: SeqSpan, atMost: number): number;
  /** The statement that finds the row at `@seq` or after it: its seq and moment. */
  readonly next: string;
}

/** The seqs between two positions, both exclusive. */
export interface SeqSpan {
  readonly lower: number;
  readonly upper: number;
}

const STEPS = text`select ${clockSteps.seq} from ${clockSteps} order by ${clockSteps.seq}`;
const HEAD = lastIdOf(changes);

/** The statement that finds the row of a table at a position or after it; the log has rows in another one, or none any more. */
export const nextRow = (table: typeof changes | typeof provisionChanges): string =>
  text`select ${table.seq}, ${table.changedAt} from ${table} where ${table.seq} >= @seq order by ${table.seq} limit 1`;

/**
 * The spans of seq that hold the changes of a time span, in order: one for each run of the log in which time only grows. The
 * ends in a run are found by binary search, so no update has to maintain an index on time.
 */
export function spansInTime(
  statements: Statements,
  next: string,
  { from, to }: Pick<ChangeFilter, 'from' | 'to'>,
  { lower, upper }: SeqSpan,
): readonly SeqSpan[] {
  if (from === undefined && to === undefined) return [{ lower, upper }];
  const steps = statements.rows(STEPS, {}).map(([seq]) => seq as number);
  const head = statements.number(HEAD, {});
  const spans: SeqSpan[] = [];
  [0, ...steps].forEach((first, index) => {
    const end = steps[index] ?? head + 1;
    if (first >= upper || end <= lower + 1) return;
    const low = from === undefined ? first : firstSeqAt(statements, next, from, first, end);
    const high = to === undefined ? end : firstSeqAt(statements, next, to, low, end);
    const span = { lower: Math.max(lower, low - 1), upper: Math.min(upper, high) };
    if (span.upper - span.lower > 1) spans.push(span);
  });
  return spans;
}

/** The first seq from `low` on at a moment or later, within a run that ends before `high`; `high` when there is none. */
function firstSeqAt({ rows }: Statements, next: string, moment: number, low: number, high: number): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [seq, changedAt] = (rows(next, { seq: middle })[0] ?? [high, 0]) as [number, number];
    if (seq >= high) high = middle;
    else if (changedAt < moment) low = seq + 1;
    else high = middle;
  }
  return low;
}

const LAST_OF_SET = text`select max(${r.lastSeq}) from ${changeSetRuns} ${r} where ${r.changeSet} = @changeSet`;

/** The seq of the newest row of a change set, if there is such a set. */
export const lastOfSet = ({ number }: Statements, changeSet: number): number =>
  number(LAST_OF_SET, { changeSet }) || changeSet;

/** The part of a span that can hold rows of a change set, where one is asked for. */
export const withinSet = (
  statements: Statements,
  { changeSet }: Pick<ChangeFilter, 'changeSet'>,
  { lower, upper }: SeqSpan,
): SeqSpan =>
  changeSet === undefined
    ? { lower, upper }
    : { lower: Math.max(lower, changeSet - 1), upper: Math.min(upper, lastOfSet(statements, changeSet) + 1) };

/** The values of the conditions of a filter, by their names. */
export function valuesOf({ flatId, intercomId, changeSet, actor, channel }: ChangeFilter): Values {
  return {
    ...(changeSet !== undefined && { changeSet }),
    ...(flatId !== undefined && { flatId }),
    ...(intercomId !== undefined && { intercomId }),
    ...(actor !== undefined && { actor }),
    ...(channel !== undefined && { channel }),
  };
}

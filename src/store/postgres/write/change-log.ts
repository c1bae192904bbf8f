import { LONG_MS, type Transaction } from '../commit/transactions.ts';
import { text } from '../sql-text.ts';
import { changes, clockSteps, databaseState } from '../tables.ts';

const LAST = text`select max(seq) from (select seq from ${changes}
  where seq <= @upTo and seq < (select max(seq) from ${changes}) order by seq limit @limit) oldest`;
const SET_PRUNED_TO = text`update ${databaseState} set pruned_to = greatest(pruned_to, @last) where one`;
const DROP_STEPS = text`delete from ${clockSteps} where seq <= @last`;
const DELETE = text`delete from ${changes} where seq <= @last`;

/** Deletes up to `limit` of the oldest rows, none after `upTo`, and never the newest; returns how many. */
export async function prune({ rows, count }: Transaction, upTo: number, limit: number): Promise<number> {
  const [row] = await rows(LAST, { upTo, limit });
  const last = row?.[0] as number | null;
  if (last === null) return 0;
  // Its row is locked until the end, so that two who prune at once do so one after the other.
  await count(SET_PRUNED_TO, { last });
  await count(DROP_STEPS, { last });
  return count(DELETE, { last }, LONG_MS);
}

import { LONG_MS, type Transaction } from '../commit/transactions.ts';
import { text } from '../sql-text.ts';
import { changeSetRuns, changes, clockSteps, databaseState, provisionChanges } from '../tables.ts';

/** The newest row of all always stays: the time of the next one is compared with it. */
const LAST = text`select max(seq) from (
    (select seq from ${changes} where seq <= @upTo order by seq limit @limit)
    union all
    (select seq from ${provisionChanges} where seq <= @upTo order by seq limit @limit)
    order by seq limit @limit
  ) oldest where seq < greatest((select max(seq) from ${changes}), (select max(seq) from ${provisionChanges}))`;
const SET_PRUNED_TO = text`update ${databaseState} set pruned_to = greatest(pruned_to, @last) where one`;
const DROP_STEPS = text`delete from ${clockSteps} where seq <= @last`;
const DROP_RUNS = text`delete from ${changeSetRuns} where last_seq <= @last`;
const DELETE = [changes, provisionChanges].map((table) => text`delete from ${table} where seq <= @last`);

/** Deletes up to `limit` of the oldest rows, none after `upTo`, and never the newest; returns how many. */
export async function prune({ rows, count }: Transaction, upTo: number, limit: number): Promise<number> {
  const [row] = await rows(LAST, { upTo, limit });
  const last = row?.[0] as number | null;
  if (last === null) return 0;
  // Its row is locked until the end, so that two who prune at once do so one after the other.
  await count(SET_PRUNED_TO, { last });
  await count(DROP_STEPS, { last });
  await count(DROP_RUNS, { last });
  let pruned = 0;
  for (const sql of DELETE) pruned += await count(sql, { last }, LONG_MS);
  return pruned;
}

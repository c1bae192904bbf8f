import type { Database } from 'better-sqlite3';
import type { Flat } from '../../../domain/flat.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import { LINES, type Lines } from '../../../domain/lines.ts';
import { FLAT_COLUMNS, toFlat } from '../rows.ts';
import { flats } from '../tables.ts';

/** Many flats of one intercom at once. The range that stays is `null` when none of them does. */
export interface FlatRanges {
  count(intercomId: number): number;
  /** How many flats outside of a range have keys or users, and the first of them. */
  inUse(intercomId: number, stays: FlatRange | null): { readonly count: number; readonly flats: readonly Flat[] };
  /** Creates a flat for each number that has none; returns how many. */
  insert(intercomId: number, numbers: FlatRange, lines: Lines, now: number): number;
  /** Deletes the flats outside of a range with their keys and users; returns how many. */
  delete(intercomId: number, stays: FlatRange | null): number;
}

/** The most flats in use that are listed. */
const MAX_LISTED = 100;

const OUTSIDE = 'f.intercom_id = @intercomId and f.flat not between @from and @to';
const IN_USE = `from flats f where ${OUTSIDE} and (exists (select 1 from keys where flat_id = f.id)
  or exists (select 1 from flat_users where flat_id = f.id))`;

export function createFlatRanges(client: Database): FlatRanges {
  const count = client.prepare('select count(*) from flats where intercom_id = ?').pluck();
  const countInUse = client.prepare(`select count(*) ${IN_USE}`).pluck();
  const firstInUse = client.prepare(`select ${FLAT_COLUMNS} ${IN_USE} order by f.flat limit ${MAX_LISTED}`).raw();
  const lineNames = LINES.map((line) => flats[line].name);
  const insert = client.prepare(`with recursive numbers(flat) as (
      select @from union all select flat + 1 from numbers where flat < @to
    ) insert into flats (intercom_id, flat, version, updated_at, ${lineNames.join(', ')})
      select @intercomId, flat, 1, @now, ${lineNames.map((name) => `@${name}`).join(', ')} from numbers
      where true on conflict (intercom_id, flat) do nothing`);
  // Its keys and users cascade.
  const remove = client.prepare(`delete from flats as f where ${OUTSIDE}`);

  // No number is between these two.
  const outside = (intercomId: number, stays: FlatRange | null) => ({ intercomId, from: 1, to: 0, ...stays });

  return {
    count: (intercomId) => count.get(intercomId) as number,
    inUse(intercomId, stays) {
      const values = outside(intercomId, stays);
      const inUse = countInUse.get(values) as number;
      return { count: inUse, flats: inUse > 0 ? (firstInUse.all(values) as unknown[][]).map(toFlat) : [] };
    },
    insert(intercomId, { from, to }, lines, now) {
      const values = Object.fromEntries(LINES.map((line) => [flats[line].name, Number(lines[line])]));
      return insert.run({ ...values, intercomId, from, to, now }).changes;
    },
    delete: (intercomId, stays) => remove.run(outside(intercomId, stays)).changes,
  };
}

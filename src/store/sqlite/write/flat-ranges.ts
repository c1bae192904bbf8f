import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Flat } from '../../../domain/flat.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import { LINES, type Lines } from '../../../domain/lines.ts';
import { toFlat } from '../../rows.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { compile } from '../compile.ts';
import { eq, sql } from '../drizzle.ts';
import { VISIBLE_FLAT } from '../read/visible.ts';
import { f, text } from '../sql-text.ts';
import { flats, flatUsers, keys } from '../tables.ts';

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

const OUTSIDE = text`${f.intercomId} = @intercomId and ${f.flat} not between @from and @to`;
const IN_USE = text`from ${flats} ${f} where ${OUTSIDE} and (exists (select 1 from ${keys} where ${keys.flatId} = ${f.id})
  or exists (select 1 from ${flatUsers} where ${flatUsers.flatId} = ${f.id})) and ${VISIBLE_FLAT}`;
const NAMES = [flats.intercomId, flats.flat, flats.version, flats.updatedAt, ...LINES.map((line) => flats[line])];
const INSERT = text`with recursive numbers(flat) as (
    select @from union all select flat + 1 from numbers where flat < @to
  ) insert into ${flats} (${NAMES.map((it) => it.name).join(', ')})
    select @intercomId, flat, 1, @now, ${LINES.map((line) => `@${line}`).join(', ')} from numbers
    where true on conflict do nothing`;

export function createFlatRanges(client: Database, db: BetterSQLite3Database): FlatRanges {
  const count = compile(
    client,
    db
      .select({ count: sql`count(*)` })
      .from(flats)
      .where(eq(flats.intercomId, sql.placeholder('intercomId'))),
    ['intercomId'],
  ).pluck();
  const countInUse = client.prepare(`select count(*) ${IN_USE}`).pluck();
  const firstInUse = client
    .prepare(text`select ${FLAT_COLUMNS} ${IN_USE} order by ${f.flat} limit ${MAX_LISTED}`)
    .raw();
  const insert = client.prepare(INSERT);
  // Its keys and users cascade.
  const remove = client.prepare(text`delete from ${flats} as ${f} where ${OUTSIDE}`);

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
      const values = Object.fromEntries(LINES.map((line) => [line, Number(lines[line])]));
      return insert.run({ ...values, intercomId, from, to, now }).changes;
    },
    delete: (intercomId, stays) => remove.run(outside(intercomId, stays)).changes,
  };
}

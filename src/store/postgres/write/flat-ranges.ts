import type { Flat } from '../../../domain/flat.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import { LINE_STATES, LINES, type Lines } from '../../../domain/lines.ts';
import { maskOf, toFlat } from '../../rows.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { LONG_MS, type Transaction } from '../commit/transactions.ts';
import { f, names, text } from '../sql-text.ts';
import { flats, flatUsers, keys } from '../tables.ts';

// Many flats of one intercom at once. The range that stays is `null` when none of them does.

/** The most flats in use that are listed. */
const MAX_LISTED = 100;

const OUTSIDE = text`${f.intercomId} = @intercomId and ${f.flat} not between @from and @to`;
const IN_USE = text`from ${flats} ${f} where ${OUTSIDE} and (exists (select from ${keys} where ${keys.flatId} = ${f.id})
  or exists (select from ${flatUsers} where ${flatUsers.flatId} = ${f.id}))`;
const COUNT_IN_USE = text`select count(*) ${IN_USE}`;
const FIRST_IN_USE = text`select ${FLAT_COLUMNS} ${IN_USE} order by ${f.flat} limit ${MAX_LISTED}`;
const COLUMNS = [
  ...[flats.id, flats.intercomId, flats.flat, flats.version, flats.updatedAt],
  ...LINES.map((line) => flats[line]),
];
const INSERT = text`insert into ${flats} (${names(COLUMNS)})
  select @last + row_number() over (order by flat), @intercomId, flat, 1, @now, ${LINES.map((line) => `@${line}`).join(', ')}
    from generate_series(@from, @to) as numbers(flat)
    where not exists (select from ${flats} where ${flats.intercomId} = @intercomId and ${flats.flat} = numbers.flat)`;
/** In the order of their ids, as every transaction locks flats. */
const LOCK = text`select from ${flats} ${f} where ${OUTSIDE} order by ${f.id} for update`;
/** Their keys and users cascade. */
const DELETE = text`with gone as (delete from ${flats} ${f} where ${OUTSIDE} returning ${f.lines})
  select lines, count(*) from gone group by lines`;

// No number is between these two.
const outside = (intercomId: number, stays: FlatRange | null) => ({ intercomId, from: 1, to: 0, ...stays });

/** Locks the flats outside of a range: from now on nobody changes their lines, keys and users. */
export const lockOutside = ({ rows }: Transaction, intercomId: number, stays: FlatRange | null): Promise<unknown> =>
  rows(LOCK, outside(intercomId, stays), LONG_MS);

/** How many flats outside of a range have keys or users, and the first of them. */
export async function flatsInUse(
  { rows }: Transaction,
  intercomId: number,
  stays: FlatRange | null,
): Promise<{ readonly count: number; readonly flats: readonly Flat[] }> {
  const values = outside(intercomId, stays);
  const [row] = await rows(COUNT_IN_USE, values, LONG_MS);
  const count = row?.[0] as number;
  return { count, flats: count > 0 ? (await rows(FIRST_IN_USE, values)).map(toFlat) : [] };
}

/** Creates a flat for each number that has none, with ids after `last`; returns how many. */
export const insertFlats = (
  { count, now }: Transaction,
  intercomId: number,
  { from, to }: FlatRange,
  lines: Lines,
  last: number,
): Promise<number> => count(INSERT, { ...lines, intercomId, from, to, last, now }, LONG_MS);

/** Deletes the flats outside of a range, which are locked, with their keys and users; returns how many, and by the state of their lines. */
export async function deleteFlats({ rows }: Transaction, intercomId: number, stays: FlatRange | null) {
  const values = outside(intercomId, stays);
  const byLines = LINE_STATES.map(() => 0);
  let count = 0;
  for (const [mask, gone] of (await rows(DELETE, values, LONG_MS)) as [number, number][]) {
    byLines[mask] = gone;
    count += gone;
  }
  return { count, byLines };
}

/** The counts of flats of one state. */
export const countsOf = (lines: Lines, count: number): readonly number[] =>
  LINE_STATES.map((_, mask) => (mask === maskOf(lines) ? count : 0));

import type { Table } from 'drizzle-orm';
import { createText } from '../sql-text.ts';
import { alias, getTableName, SQLiteSyncDialect, sql } from './drizzle.ts';
import {
  changeSetRuns,
  changes,
  flats,
  flatUsers,
  hiddenFlats,
  intercoms,
  keys,
  provisionChanges,
  users,
} from './tables.ts';

/** The names that tables have in the texts of statements. */
export const c = alias(changes, 'c');
/** Other changes than those of `c`. */
export const e = alias(changes, 'e');
export const f = alias(flats, 'f');
export const h = alias(hiddenFlats, 'h');
export const i = alias(intercoms, 'i');
export const k = alias(keys, 'k');
export const l = alias(flatUsers, 'l');
export const pc = alias(provisionChanges, 'pc');
export const r = alias(changeSetRuns, 'r');
export const u = alias(users, 'u');

const dialect = new SQLiteSyncDialect();

/** For statements whose plan is forced, and for what drizzle's builder does not write. */
export const text = createText(sql, (it) => dialect.sqlToQuery(it).sql);

/** The greatest id that a table has ever had, as a statement; no row before the first. */
export const lastIdOf = (table: Table): string =>
  `select seq from sqlite_sequence where name = '${getTableName(table)}'`;

/** The statements that set it, given the id: for a table that has had rows, and for one that has not. */
export const setLastIdOf = (table: Table): readonly [string, string] => [
  `update sqlite_sequence set seq = ? where name = '${getTableName(table)}'`,
  `insert into sqlite_sequence (name, seq) values ('${getTableName(table)}', ?)`,
];

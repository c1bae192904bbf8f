import type { Column } from 'drizzle-orm';
import { createText } from '../sql-text.ts';
import { alias, PgDialect, sql } from './drizzle.ts';
import { changeSetRuns, changes, flats, flatUsers, intercoms, keys, provisionChanges, users } from './tables.ts';

/** The names that tables have in the texts of statements. */
export const c = alias(changes, 'c');
/** Other changes than those of `c`. */
export const e = alias(changes, 'e');
export const f = alias(flats, 'f');
export const i = alias(intercoms, 'i');
export const k = alias(keys, 'k');
export const l = alias(flatUsers, 'l');
export const pc = alias(provisionChanges, 'pc');
export const r = alias(changeSetRuns, 'r');
export const u = alias(users, 'u');

const dialect = new PgDialect();

/** Every statement is written so: drizzle's builder has no `unnest`, no `for no key update of` and no `with` that writes. */
export const text = createText(sql, (it) => dialect.sqlToQuery(it).sql);

/** The names of columns, as an insert lists them. */
export const names = (columns: readonly Column[]): string => columns.map(({ name }) => `"${name}"`).join(', ');

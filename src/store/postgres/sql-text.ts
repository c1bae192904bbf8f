import type { Column, SQL, Table } from 'drizzle-orm';
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

/**
 * The text of a statement, or of a part of one, over table objects: a column that is renamed does not compile. Texts are taken
 * as they are, and so are named parameters (`@name`). Every statement is written so: drizzle's builder has no `unnest`, no
 * `for no key update of` and no `with` that writes.
 */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly (Column | Table | SQL | string | number)[]
): string {
  const chunks = values.map((it) => (typeof it === 'object' ? it : sql.raw(String(it))));
  return dialect.sqlToQuery(sql(strings, ...chunks)).sql;
}

/** The names of columns, as an insert lists them. */
export const names = (columns: readonly Column[]): string => columns.map(({ name }) => `"${name}"`).join(', ');

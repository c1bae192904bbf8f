import type { Column, SQL, Table } from 'drizzle-orm';

/**
 * The text of a statement, or of a part of one, over table objects: a column that is renamed does not compile. Texts are taken
 * as they are, and so are named parameters (`@name`).
 */
export type Text = (
  strings: TemplateStringsArray,
  ...values: readonly (Column | Table | SQL | string | number)[]
) => string;

/** Writes texts as a dialect does; `toText` is its. */
export const createText =
  (sql: typeof import('drizzle-orm').sql, toText: (sql: SQL) => string): Text =>
  (strings, ...values) =>
    toText(sql(strings, ...values.map((it) => (typeof it === 'object' ? it : sql.raw(String(it))))));

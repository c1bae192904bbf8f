import type { Database, Statement } from 'better-sqlite3';

/** What fills a statement's named parameters. */
export type Values = Readonly<Record<string, number | string>>;

export interface Statements {
  /** Every row, as its columns. */
  rows(sql: string, values: Values): unknown[][];
  /** The first column of the first row, which must be a number; 0 when there is no row. */
  number(sql: string, values: Values): number;
}

/** The most statements that are kept; a list has a shape for each set of filters, and all of them are too many. */
const KEPT = 256;

/** Statements by their text, each compiled once; the one that was used least recently makes room. */
export function statements(client: Database): Statements {
  const kept = new Map<string, Statement>();

  function prepared(sql: string): Statement {
    const known = kept.get(sql);
    const statement = known ?? client.prepare(sql).raw();
    if (known) kept.delete(sql);
    else if (kept.size === KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(sql, statement);
    return statement;
  }

  return {
    rows: (sql, values) => prepared(sql).all(values) as unknown[][],
    number: (sql, values) => ((prepared(sql).get(values) as unknown[] | undefined)?.[0] as number | null) ?? 0,
  };
}

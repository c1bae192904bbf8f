import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';

/** What fills a statement's named parameters. */
export type Values = Readonly<Record<string, number | string>>;

export interface Statements {
  /** Every row, as its columns. */
  rows(sql: string, values: Values): unknown[][];
  /** The first column of the first row, which must be a number; 0 when there is no row. */
  number(sql: string, values: Values): number;
}

/** The most statements that are kept: a list has one for each set of filters, too many to keep all. */
const MAX_STATEMENTS = 256;

/** Statements by their text, each compiled once; the least recently used one is dropped. */
function createStatements(client: Database): Statements {
  const prepared = new LRUCache<string, Statement>({
    max: MAX_STATEMENTS,
    memoMethod: (sql) => client.prepare(sql).raw(),
  });

  return {
    rows: (sql, values) => prepared.memo(sql).all(values) as unknown[][],
    number: (sql, values) => ((prepared.memo(sql).get(values) as unknown[] | undefined)?.[0] as number | null) ?? 0,
  };
}

/** Reads committed data, each statement by itself, or several of one moment. */
export interface Reader extends Statements {
  /** Runs statements that must agree: all of them see the database as it was at the first. */
  snapshot<T>(read: (statements: Statements) => T): T;
}

/** Reads by one connection. */
export function createReader(client: Database): Reader {
  const statements = createStatements(client);
  const inTransaction = client.transaction((read: (statements: Statements) => unknown) => read(statements));
  return { ...statements, snapshot: <T>(read: (statements: Statements) => T) => inTransaction.deferred(read) as T };
}

import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { forgetImports } from './forget-imports.ts';
import { query } from './postgres.ts';
import { openPostgresStore } from './postgres-world.ts';
import { rows } from './rows.ts';

/** Somebody else with the database of a service, whatever its dialect: looks into it, changes it, or keeps it locked. */
export interface OtherClient {
  /** Every row of a query; flags are 0 or 1. */
  rows(query: string): Promise<Record<string, unknown>[]>;
  /** Runs statements. */
  run(statements: string): Promise<void>;
  /** Keeps all writes waiting, until it is disposed of; reads go on. */
  lock(): Promise<AsyncDisposable>;
  /** Opens the database as another process does. */
  open(options?: { readonly now?: () => number }): Promise<Store>;
  /**
   * Makes the log begin anew, as if the flats were older than its rows about them: the first change after it has the seq 1.
   */
  forgetImports(): Promise<void>;
}

export function clientOfFile(file: string): OtherClient {
  return {
    rows: async (query) => rows(file, query) as Record<string, unknown>[],
    async run(statements) {
      const client = new Sqlite(file);
      client.exec(statements);
      client.close();
    },
    async lock() {
      const client = new Sqlite(file);
      client.exec('begin immediate');
      return { [Symbol.asyncDispose]: async () => void client.close() };
    },
    open: async (options) => openStore({ file }, options),
    forgetImports: async () => forgetImports(file),
  };
}

/** What a value is on SQLite. */
const asInFile = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value);
/** int8 as a number. */
const types = {
  getTypeParser: (oid: number, format: string) => (oid === 20 ? Number : pg.types.getTypeParser(oid, format as 'text')),
} as pg.CustomTypesConfig;

export function clientOfServer(url: string): OtherClient {
  return {
    async rows(text) {
      const { rows } = await query(url, { text, types });
      return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, it]) => [name, asInFile(it)])));
    },
    async run(statements) {
      await query(url, statements);
    },
    async lock() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const tables = ['ids', 'flats', 'tokens', 'database_state', 'change_log', 'writers'];
      await client.query(`begin; ${tables.map((it) => `select from ${it} for update`).join('; ')}`);
      return { [Symbol.asyncDispose]: () => client.end() };
    },
    open: (options) => openPostgresStore(url, options),
    async forgetImports() {
      await query(
        url,
        'delete from provision_changes; delete from change_set_runs; update change_log set seq = 0, last_time = 0',
      );
    },
  };
}

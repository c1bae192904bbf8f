import Sqlite, { type Database } from 'better-sqlite3';
import {
  COPIED_TABLES,
  type CopiedTable,
  type CopiedValue,
  type CopySource,
  type CopyTarget,
} from '../../copy-tables.ts';
import { UnusableDatabaseError } from '../../store.ts';
import { getTableConfig } from '../drizzle.ts';
import { lastIdOf } from '../sql-text.ts';
import * as tables from '../tables.ts';
import { connect } from './connect.ts';

const BATCH_SIZE = 1_000;

/** The columns that are stored, but for `hidden`: only what callers see is copied. */
const columnsOf = (table: CopiedTable): readonly string[] =>
  getTableConfig(TABLES[table])
    .columns.filter((it) => it.generated === undefined && it.name !== 'hidden')
    .map((it) => it.name);

const TABLES = {
  ...{ intercoms: tables.intercoms, flats: tables.flats, keys: tables.keys, users: tables.users },
  ...{
    flat_users: tables.flatUsers,
    changes: tables.changes,
    provision_changes: tables.provisionChanges,
    change_set_runs: tables.changeSetRuns,
    clock_steps: tables.clockSteps,
    tokens: tables.tokens,
  },
} as const satisfies Readonly<Record<CopiedTable, unknown>>;

const listed = (columns: readonly string[]) => columns.map((it) => `"${it}"`).join(', ');

/** A SQLite database that is read as it is at one moment. */
export function openCopySource(file: string): CopySource {
  const client = new Sqlite(file, { readonly: true });
  client.exec('begin');
  if (client.prepare('select 1 from hidden_flats limit 1').get() !== undefined) {
    client.close();
    throw new UnusableDatabaseError('An intercom of it was being made or deleted; start and stop its service first.');
  }
  const number = (sql: string) => (client.prepare(sql).pluck().get() as number | null | undefined) ?? 0;
  return {
    columnsOf,
    async *rows(table, columns) {
      const sql = `select ${listed(columns)} from ${table} order by ${COPIED_TABLES[table].join(', ')}`;
      let batch: CopiedValue[][] = [];
      for (const row of client.prepare(sql).raw().iterate() as IterableIterator<unknown[]>) {
        batch.push(row.map((it) => (Buffer.isBuffer(it) ? it.toString('hex') : (it as CopiedValue))));
        if (batch.length < BATCH_SIZE) continue;
        yield batch;
        batch = [];
      }
      yield batch;
    },
    async state() {
      const log = client.prepare('select epoch, pruned_to from change_log').raw().get() as [string, number];
      return {
        ...{ epoch: log[0], prunedTo: log[1], head: number(lastIdOf(tables.changes)) },
        ...{ lastIntercomId: number(lastIdOf(tables.intercoms)), lastFlatId: number(lastIdOf(tables.flats)) },
      };
    },
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

/** A new SQLite database. */
export function openCopyTarget(file: string): CopyTarget {
  const client = connect(file);
  const isEmpty = ['intercoms', 'changes', 'tokens'].every((it) => !client.prepare(`select 1 from ${it}`).get());
  if (!isEmpty) {
    client.close();
    throw new UnusableDatabaseError('It is not empty; copy into a new file.');
  }
  client.exec('begin immediate');
  return {
    columnsOf,
    async write(table, columns, rows) {
      const isBytes = columns.map((it) => it === 'hash');
      const insert = client.prepare(
        `insert into ${table} (${listed(columns)}) values (${columns.map(() => '?').join(', ')})`,
      );
      for (const row of rows)
        insert.run(row.map((it, index) => (isBytes[index] ? Buffer.from(it as string, 'hex') : it)));
    },
    async end({ epoch, prunedTo, head, lastIntercomId, lastFlatId }) {
      setSequence(client, 'changes', head);
      setSequence(client, 'intercoms', lastIntercomId);
      setSequence(client, 'flats', lastFlatId);
      client.prepare('update change_log set epoch = ?, pruned_to = ?').run(epoch, prunedTo);
      client.exec('commit');
    },
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

function setSequence(client: Database, table: string, last: number): void {
  client.prepare('delete from sqlite_sequence where name = ?').run(table);
  client.prepare('insert into sqlite_sequence (name, seq) values (?, ?)').run(table, last);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UnusableDatabaseError } from '../../store.ts';
import { readMigrationFiles } from '../drizzle.ts';
import type { Connection } from './connection.ts';
import { isContention } from './errors.ts';

const FOLDER = fileURLToPath(new URL('../../../../drizzle/postgres', import.meta.url));
const known = readMigrationFiles({ migrationsFolder: FOLDER });
const newest = known.at(-1)?.folderMillis ?? 0;

/** Any number that no other program locks in the same database. */
const LOCK = 7_361_904_827;

/** How long a migration may take, and waiting for another instance that migrates. */
export const MIGRATION_MS = 3_600_000;
/**
 * How long a table is waited for that a long transaction uses: meanwhile every other read and write of it waits behind this one.
 * Then they have their turn, and all is tried again.
 */
const TABLE_LOCK_MS = 500;
const RETRY_PAUSE_MS = 1_000;

/** The numbers of the schema before and after; 0 before the first. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the tables up to date, in one transaction that only one of several instances runs. drizzle's own migrator looks before
 * it locks: of eight instances that started together on a new database seven died.
 */
export async function migrate(connection: Connection): Promise<Migrated> {
  const before = await lastApplied(connection);
  if (before === newest) return { from: known.length, to: known.length };
  const deadline = performance.now() + MIGRATION_MS;
  for (;;) {
    try {
      await applyAll(connection);
      return { from: schemaOf(before), to: known.length };
    } catch (error) {
      if (!isContention(error) || performance.now() > deadline) throw error;
    }
    await sleep(RETRY_PAUSE_MS);
  }
}

async function applyAll(connection: Connection): Promise<void> {
  const run = (text: string, values?: readonly unknown[]) => connection.query({ text, ...(values && { values }) });
  await run('begin');
  try {
    await run('set local lock_timeout = 0');
    await run('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
    await run('create table if not exists schema_migrations (hash text not null, created_at bigint primary key)');
    await run(`set local lock_timeout = ${TABLE_LOCK_MS}`);
    // Another instance may have done it meanwhile.
    const last = await lastApplied(connection);
    for (const { folderMillis, sql, hash } of known.filter((it) => it.folderMillis > last)) {
      for (const statement of sql) await run(statement);
      await run('insert into schema_migrations values ($1::text, $2::bigint)', [hash, folderMillis]);
    }
    await run('commit');
  } catch (error) {
    if (!connection.isDead()) await run('rollback');
    throw error;
  }
}

const schemaOf = (migration: number): number => known.filter((it) => it.folderMillis <= migration).length;

/** Whether the tables are those that this program knows. Rejects as `lastApplied` does. */
export const isCurrent = async (connection: Connection): Promise<boolean> => (await lastApplied(connection)) === newest;

/**
 * The newest migration of the database in milliseconds since 1970; 0 for an empty one. Rejects with an `UnusableDatabaseError` for
 * a database of another program, or of a newer version of this one.
 */
async function lastApplied(connection: Connection): Promise<number> {
  const { rows } = await connection.query({ text: TABLES });
  const tables = rows.map(([name]) => name);
  if (tables.length === 0) return 0;
  if (!tables.includes('schema_migrations')) {
    throw new UnusableDatabaseError('it holds tables of another program; choose another database');
  }
  const [row] = (await connection.query({ text: 'select max(created_at) from schema_migrations' })).rows;
  const last = (row?.[0] as number | null) ?? 0;
  if (last > newest) {
    throw new UnusableDatabaseError('it was written by a newer version of this program; update the program');
  }
  return last;
}

const TABLES = 'select tablename from pg_tables where schemaname = current_schema()';

import { fileURLToPath } from 'node:url';
import { UnusableDatabaseError } from '../../store.ts';
import { readMigrationFiles } from '../drizzle.ts';
import type { Connection } from './connection.ts';

const FOLDER = fileURLToPath(new URL('../../../../drizzle/postgres', import.meta.url));
const known = readMigrationFiles({ migrationsFolder: FOLDER });
const newest = known.at(-1)?.folderMillis ?? 0;

/** Any number that no other program locks in the same database. */
const LOCK = 7_361_904_827;

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
  const run = (text: string, values?: readonly unknown[]) => connection.query({ text, ...(values && { values }) });
  await run('begin');
  try {
    await run('set local lock_timeout = 0');
    await run('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
    await run('create table if not exists schema_migrations (hash text not null, created_at bigint primary key)');
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
  return { from: schemaOf(before), to: known.length };
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

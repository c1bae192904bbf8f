import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { foldTitle } from '../../../domain/intercom.ts';
import { UnusableDatabaseError } from '../../store.ts';
import { readMigrationFiles } from '../drizzle.ts';

const FOLDER = fileURLToPath(new URL('../../../../drizzle/sqlite', import.meta.url));
const known = readMigrationFiles({ migrationsFolder: FOLDER });
const newest = known.at(-1)?.folderMillis ?? 0;

/**
 * Brings the tables up to date. It reads drizzle's migrations and keeps drizzle's own account of them, but applies them
 * itself: drizzle's migrator looks before it locks, so that two processes that start together on a new file collide,
 * and it leaves foreign keys on, so that a rebuilt table would silently empty the tables that cascade from it.
 * `keepCopy` is called before tables with rows are changed, under the write lock.
 */
export function migrate(client: Database, keepCopy: (from: number, to: number) => void = () => {}): Migrated {
  const before = lastApplied(client);
  if (before === newest) return { from: known.length, to: known.length };

  client.function('fold_title', { deterministic: true }, (title) => foldTitle(String(title)));
  client.pragma('foreign_keys = OFF');
  client
    .transaction(() => {
      const last = lastApplied(client);
      // Another process may have done it meanwhile.
      if (last > 0 && last < newest) keepCopy(schemaOf(last), known.length);
      client.exec(
        'create table if not exists __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)',
      );
      const record = client.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)');
      for (const { folderMillis, sql, hash } of known.filter((it) => it.folderMillis > last)) {
        for (const statement of sql) client.exec(statement);
        record.run(hash, folderMillis);
      }
      if ((client.pragma('foreign_key_check') as unknown[]).length > 0) {
        throw new UnusableDatabaseError('its rows refer to rows that are missing; restore a backup');
      }
    })
    .immediate();
  return { from: schemaOf(before), to: known.length };
}

/** The numbers of the schema before and after; 0 before the first. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

const schemaOf = (migration: number): number => known.filter((it) => it.folderMillis <= migration).length;

/** Whether the tables are those that this program knows. Throws as `lastApplied` does. */
export const isCurrent = (client: Database): boolean => lastApplied(client) === newest;

/**
 * The newest migration of this file in milliseconds since 1970; 0 for a new file. Throws `UnusableDatabaseError` for a file of
 * another program, or of a newer version of this one.
 */
export function lastApplied(client: Database): number {
  const tables = client.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  if (tables.length === 0) return 0;
  // Other programs may keep their migrations under the same name.
  if (!tables.includes('__drizzle_migrations') || !tables.includes('change_log')) {
    throw new UnusableDatabaseError('it is a database of another program; choose another file');
  }
  const last = (client.prepare('select max(created_at) from __drizzle_migrations').pluck().get() as number | null) ?? 0;
  if (last > newest) {
    throw new UnusableDatabaseError('it was written by a newer version of this program; update the program');
  }
  return last;
}

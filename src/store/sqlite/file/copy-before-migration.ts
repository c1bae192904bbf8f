import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';
import { verify } from './back-up.ts';
import { freeBytes } from './disk-room.ts';
import { errorText } from './errors.ts';
import { makePrivateFile, moveInto, remove } from './files.ts';
import { rowCounts } from './integrity.ts';

/**
 * Copies a database as it is before it gets the tables of another schema, checked as a backup is; only the newest copy is
 * kept. The caller holds the write lock. Returns the copy's name; throws `UnusableDatabaseError` when there is no room for it.
 */
export function copyBeforeMigration(file: string, from: number, to: number): string {
  const target = `${file}.before-schema-${to}`;
  const copy = `${target}.partial-${process.pid}`;
  const migration = `before its tables are migrated (schema ${from} -> ${to})`;
  // One reader sees one moment, and only committed rows.
  const source = new Sqlite(file, { readonly: true });
  try {
    const size = (source.pragma('page_count', { simple: true }) as number) * pageSizeOf(source);
    const free = freeBytes(file);
    if (free < size) {
      throw new UnusableDatabaseError(
        `${migration} a copy is kept, which takes ${megabytes(size)}, and its disk has ${megabytes(free)} left; make room, or set MIGRATE_WITHOUT_COPY=on`,
      );
    }
    makePrivateFile(copy);
    const rows = rowCounts(source);
    source.prepare('vacuum into ?').run(copy);
    verify(copy, rows);
    moveInto(copy, target);
  } catch (error) {
    remove(copy);
    if (error instanceof UnusableDatabaseError) throw error;
    throw new UnusableDatabaseError(`${migration} no copy of it could be made: ${errorText(error)}`, { cause: error });
  } finally {
    source.close();
  }
  removeOlder(file, target);
  return target;
}

function removeOlder(file: string, newest: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(file)}.before-schema-`)) continue;
    if (/\.before-schema-\d+$/.test(name) && join(folder, name) !== join(newest)) remove(join(folder, name));
  }
}

const pageSizeOf = (client: Sqlite.Database): number => client.pragma('page_size', { simple: true }) as number;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

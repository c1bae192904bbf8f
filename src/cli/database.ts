import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyDatabaseTo, type Database, openStore } from '../store/open.ts';
import { type Store, UnusableDatabaseError } from '../store/store.ts';
import { CommandError, type Terminal } from './command.ts';

/**
 * A store with everything that is in the database, in a folder for temporary files; closing it removes the copy.
 * A database that does not exist is not made for that: its copy is empty.
 */
export async function openThrowawayCopy(database: Database, options: Parameters<typeof openStore>[1]): Promise<Store> {
  const folder = await withCopyError(() => mkdtemp(join(tmpdir(), 'intercom-flats-')));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'copy.db');
    if (existsSync(database.file)) {
      await withCopyError(() => copyDatabaseTo(database, file));
    }
    const throwaway = openStore({ file, withoutCopy: true }, options);
    return {
      ...throwaway,
      async [Symbol.asyncDispose]() {
        await throwaway[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Names the folder for temporary files in the error, since it is not the file that is imported. */
async function withCopyError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnusableDatabaseError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnusableDatabaseError(
      `Cannot make a copy of the database: ${reason}. TMPDIR names another folder for it.`,
      {
        cause: error,
      },
    );
  }
}

const TABLES = ['intercoms', 'flats', 'keys', 'users', 'changes'] as const;

/** The row counts of a database, by the operators' names. */
type Counts = Readonly<Record<(typeof TABLES)[number], number>>;

export const countsOf = (rows: Readonly<Record<string, number>>): Counts =>
  Object.fromEntries(TABLES.map((table) => [table, rows[table] ?? 0])) as Counts;

export const countsText = (counts: Counts): string => TABLES.map((table) => `${table}: ${counts[table]}\n`).join('');

/** For commands that must not create a missing database. */
export function requireDatabase({ file }: Database): void {
  if (!existsSync(file)) throw new CommandError(`No database at ${file}; set DATABASE_URL to another one.`);
}

/** Opens the store of a command, and says on stderr when that has migrated the database. */
export function openDatabase(
  database: Database,
  { err }: Pick<Terminal, 'err'>,
  options: Parameters<typeof openStore>[1] = {},
): Store {
  const store = openStore(database, options);
  const { isNew, migrated, copy } = store.opened;
  if (!isNew && migrated.from !== migrated.to) {
    const kept = copy === undefined ? 'no copy was kept of it as it was' : `as it was, it is kept as ${copy}`;
    err(`Migrated ${database.file}: schema ${migrated.from} -> ${migrated.to}; ${kept}.\n`);
  }
  return store;
}

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Origin } from '../domain/change.ts';
import {
  copyDatabaseTo,
  type Database,
  databaseText,
  type FileDatabase,
  isFile,
  type OpenOptions,
  openAnyStore,
  openStore,
} from '../store/open.ts';
import { type Store, UnusableDatabaseError } from '../store/store.ts';
import { CommandError, type Terminal } from './command.ts';

/**
 * A store with everything that is in the database, in a folder for temporary files; closing it removes the copy.
 * A database that does not exist is not made for that: its copy is empty.
 */
export async function openThrowawayCopy(database: Database, options: OpenOptions): Promise<Store> {
  const folder = await withCopyError(() => mkdtemp(join(tmpdir(), 'intercom-flats-')));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'copy.db');
    if (isFile(database) && existsSync(database.file)) {
      await withCopyError(() => copyDatabaseTo(database, file));
    }
    const throwaway = openStore({ file, withoutCopy: true }, options);
    if (!isFile(database)) await copyRows(database, throwaway);
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

const COPY: Origin = { actor: 'local', channel: 'CLI' };

/** Everything but the change log and the tokens, which no import reads. */
async function copyRows(from: Database, to: Store): Promise<void> {
  await using store = await openAnyStore(from);
  for await (const rows of store.exportRows()) await to.importRows(COPY, rows);
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
export function requireDatabase(database: Database): void {
  if (!isFile(database) || existsSync(database.file)) return;
  throw new CommandError(`No database at ${database.file}; set DATABASE_URL to another one.`);
}

/** For commands that work on files alone; the message says what does the same on PostgreSQL. */
export function requireFile(database: Database, work: string, instead: string): asserts database is FileDatabase {
  if (isFile(database)) return;
  throw new CommandError(
    `Cannot ${work}: ${databaseText(database)} is no file. PostgreSQL has its own programs for that: ${instead}.`,
  );
}

/** Opens the store of a command, and says on stderr when that has migrated the database. */
export async function openDatabase(
  database: Database,
  { err }: Pick<Terminal, 'err'>,
  options: OpenOptions = {},
): Promise<Store> {
  const store = await openAnyStore(database, options);
  const { isNew, migrated, copy } = store.opened;
  if (!isNew && migrated.from !== migrated.to) {
    const kept = copy === undefined ? 'no copy was kept of it as it was' : `as it was, it is kept as ${copy}`;
    err(`Migrated ${databaseText(database)}: schema ${migrated.from} -> ${migrated.to}; ${kept}.\n`);
  }
  return store;
}

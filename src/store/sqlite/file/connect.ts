import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database, SqliteError } from 'better-sqlite3';
import { type Opened, UnusableDatabaseError } from '../../store.ts';
import { copyBeforeMigration } from './copy-before-migration.ts';
import { errorText, isDamage, isFull, isLocked } from './errors.ts';
import { makePrivateFile, makePrivateFolder } from './files.ts';
import { openAlone } from './full-disk.ts';
import { assertWhole, assertWritable, inspect } from './inspect.ts';
import { migrate } from './migrate.ts';

/** How long the start may wait for another process that migrates or writes. */
const START_TIMEOUT_MS = 10_000;
/** In milliseconds. */
const RETRY_PAUSE_MS = 20;

export interface Connected {
  readonly client: Database;
  readonly opened: Opened;
  /** Whether no other process can use the database, since the disk is full. */
  readonly isAlone: boolean;
}

/** Opens the file, makes it if it is missing, and migrates it. A file that it cannot work with is left as it is. */
export const connect = (file: string): Database => open(file, { withoutCopy: false }).client;

/** `withoutCopy` migrates without a copy of the database as it was. */
export function open(file: string, { withoutCopy }: { readonly withoutCopy: boolean }): Connected {
  let client: Database | undefined;
  try {
    makePrivateFolder(dirname(file));
    assertWritable(file);
    const isNew = makeIfMissing(file);
    const { isAlone, ...first } = firstOpen(file);
    client = first.client;
    // The driver's default for a WAL file is NORMAL, which loses acknowledged commits in a power loss.
    client.pragma('synchronous = FULL');
    let copy: string | undefined;
    const migrated = migrate(client, (from, to) => {
      if (!withoutCopy) copy = copyBeforeMigration(file, from, to);
    });
    client.pragma('foreign_keys = ON');
    // The driver would block the event loop while it waits; the commit queue waits without blocking.
    client.pragma('busy_timeout = 0');
    return { client, opened: { isNew: isNew && migrated.from === 0, migrated, copy }, isAlone };
  } catch (error) {
    client?.close();
    if (wasReplaced(error)) return open(file, { withoutCopy });
    throw unusable(file, error);
  }
}

/** The error for a database that cannot be opened, with the reason as text. */
export function unusable(file: string, error: unknown): UnusableDatabaseError {
  const hint = isDamage(error) ? '; it was left as it is, and npm run restore brings a backup back' : '';
  return new UnusableDatabaseError(`Cannot use the database ${file}: ${errorText(error)}${hint}.`, { cause: error });
}

/** SQLite itself would create it readable for others. Returns whether it was missing or empty. */
function makeIfMissing(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found || statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) return found?.size === 0;
  try {
    makePrivateFile(file);
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return true;
}

function firstOpen(file: string): { readonly client: Database; readonly isAlone: boolean } {
  let client: Database | undefined;
  try {
    inspect(file, START_TIMEOUT_MS);
    client = new Sqlite(file, { timeout: START_TIMEOUT_MS });
    keepLog(client);
    return { client, isAlone: false };
  } catch (error) {
    client?.close();
    if (!isFull(error) || !statSync(file).size) throw error;
  }
  const alone = openAlone(file, START_TIMEOUT_MS);
  try {
    assertWhole(alone, statSync(file).size);
    return { client: alone, isAlone: true };
  } catch (error) {
    alone.close();
    throw error;
  }
}

/** SQLite waits for readers and commits, but not for a connection that is about to write; so this retries. */
function keepLog(client: Database): void {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      client.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const busy = isLocked(error);
      if (!busy || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PAUSE_MS);
  }
}

/** Whether a restore put another file in the place of this one, between opening it and the first write. */
const wasReplaced = (error: unknown): boolean =>
  error instanceof SqliteError && error.code === 'SQLITE_READONLY_DBMOVED';

/**
 * Moves the write-ahead log into the file. The last connection to close does so by itself, but not while another process has
 * the file open. It does not wait for readers or writers.
 */
export function checkpoint(client: Database): void {
  try {
    client.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // The log stays, as it does after a power loss: nothing is lost, and the next process that opens the file plays it back.
  }
}

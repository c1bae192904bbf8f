import { statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';
import { unusable } from './connect.ts';
import { errorText } from './errors.ts';
import { makePrivateFile, moveInto, remove } from './files.ts';
import { inspect } from './inspect.ts';
import { assertIntegrity, type RowCounts, recount, rowCounts } from './integrity.ts';
import { lastApplied } from './migrate.ts';

export interface BackupReport {
  /** The size of the backup. */
  readonly bytes: number;
  readonly rows: RowCounts;
  /** Whether the database's counts of line states were wrong; in the backup they are corrected. */
  readonly recounted: boolean;
}

/** Pages copied before the signal is checked again. */
const STEP_PAGES = 4_096;
/** How long it waits for a server that is just starting. */
const TIMEOUT_MS = 10_000;

/**
 * Copies the database as of one moment into one self-contained file, while others go on reading and writing, and checks the
 * copy. The target gets its name only once the copy is checked and on disk; until then the old file of that name stays.
 * Throws `UnusableDatabaseError`, or the reason of the signal when that aborts.
 */
export async function backUp(database: string, target: string, signal: AbortSignal): Promise<BackupReport> {
  const copy = `${target}.partial-${process.pid}`;
  try {
    const source = openSource(database);
    try {
      makePrivateFile(copy);
      // An open read transaction fixes the moment: the rows are counted in it, and all steps are copied from it.
      source.exec('begin');
      const rows = rowCounts(source);
      const progress = () => {
        signal.throwIfAborted();
        return STEP_PAGES;
      };
      await source.backup(copy, { progress });
      const recounted = verify(copy, rows);
      signal.throwIfAborted();
      moveInto(copy, target);
      return { bytes: statSync(target).size, rows, recounted };
    } finally {
      source.close();
    }
  } catch (error) {
    remove(copy);
    if (signal.aborted) throw signal.reason;
    throw new UnusableDatabaseError(`Cannot back up ${database} to ${target}: ${errorText(error)}.`, { cause: error });
  }
}

/** Opens read-only: a backup neither creates nor migrates a database. */
function openSource(database: string): Database {
  const client = new Sqlite(database, { readonly: true, timeout: TIMEOUT_MS });
  try {
    lastApplied(client);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Throws when the copy is damaged or lacks rows; returns whether a count of line states was wrong. */
export function verify(copy: string, expected: RowCounts): boolean {
  const client = new Sqlite(copy);
  try {
    // The file was marked as one that has a log beside it, like the database.
    client.pragma('journal_mode = DELETE');
    assertIntegrity(client);
    const counts = rowCounts(client);
    const lost = Object.keys(expected).filter((table) => counts[table] !== expected[table]);
    if (lost.length > 0)
      throw new UnusableDatabaseError(`the copy has other rows than the database (${lost.join(', ')})`);
    return recount(client);
  } finally {
    client.close();
  }
}

/** Copies a database as it is, without migrating it, while others go on reading and writing. */
export async function copyDatabase(file: string, target: string): Promise<void> {
  try {
    inspect(file, TIMEOUT_MS);
  } catch (error) {
    throw unusable(file, error);
  }
  makePrivateFile(target);
  const source = new Sqlite(file, { readonly: true, timeout: TIMEOUT_MS });
  try {
    // In one step: a copy in several begins anew whenever another process writes.
    await source.backup(target, { progress: ({ totalPages }) => totalPages });
  } finally {
    source.close();
  }
}

import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database, SqliteError } from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';
import { NOT_WRITABLE } from './errors.ts';
import { BESIDE } from './files.ts';
import { lastApplied } from './migrate.ts';

/**
 * The largest file that is read as a whole, in bytes. A million flats with as many changes are some 220 MB, and a second;
 * of a larger file only the header, the length and the schema are looked at.
 */
const READ_WHOLE = 2 ** 30;

/**
 * Checks whether this program can work with a file, before anything is written to it. A connection that writes plays the log
 * back into the file when it closes, so this one only reads, and leaves file and log as they are. A missing or empty file
 * passes. Throws `UnusableDatabaseError`, or what the driver throws.
 */
export function inspect(file: string, patience: number): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new UnusableDatabaseError('it is not a file');
  const size = found?.size ?? 0;
  if (size === 0) {
    // SQLite would delete such a log.
    if (!statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) return;
    throw new UnusableDatabaseError(
      `it is empty or gone, but ${file}-wal still has data; restore a backup, or move ${file}-wal away to begin anew`,
    );
  }
  const client = new Sqlite(file, { readonly: true, timeout: patience });
  try {
    assertWhole(client, size);
  } catch (error) {
    // A write was cut off; the next connection that writes rolls it back first.
    if (!(error instanceof SqliteError && error.code === 'SQLITE_READONLY_ROLLBACK')) throw error;
  } finally {
    client.close();
  }
}

/** Reads a database of `size` bytes, unless it is too large for that. Throws as `inspect` does. */
export function assertWhole(client: Database, size: number): void {
  lastApplied(client);
  if (size > READ_WHOLE) return;
  const flaw = client.pragma('quick_check(1)', { simple: true });
  if (flaw !== 'ok') throw new SqliteError(String(flaw), 'SQLITE_CORRUPT');
}

/**
 * Throws `UnusableDatabaseError` for a database that this user may not write. SQLite would open it and fail at the first
 * write; opening it would even leave companion files that cannot be written either.
 */
export function assertWritable(file: string): void {
  try {
    // SQLite makes its log beside the file itself, not beside a link to it.
    const path = existsSync(file) ? realpathSync(file) : file;
    for (const suffix of ['', ...BESIDE]) if (existsSync(path + suffix)) accessSync(path + suffix, constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch {
    throw new UnusableDatabaseError(NOT_WRITABLE);
  }
}

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';
import { assertIntegrity, type RowCounts, recount, rowCounts } from './integrity.ts';
import { lastApplied, migrate } from './migrate.ts';

const MAGIC = 'SQLite format 3\0';

/**
 * Checks whether a file can be a backup, without SQLite, which would create companion files. Throws `UnusableDatabaseError`.
 */
export function assertBackup(file: string): void {
  const found = statSync(file);
  if (!found.isFile()) throw new UnusableDatabaseError('it is not a file');
  if (found.size === 0) throw new UnusableDatabaseError('it is empty');
  const head = headOf(file);
  if (!head.equals(Buffer.from(MAGIC))) {
    throw new UnusableDatabaseError(
      head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))
        ? 'it is a text file, not a database; npm run import reads CSV files'
        : 'it is not an SQLite database, or its beginning is damaged',
    );
  }
  for (const suffix of ['-wal', '-journal']) {
    if (statSync(file + suffix, { throwIfNoEntry: false })?.size) {
      throw new UnusableDatabaseError(
        `it is in use, or was not closed: ${file}${suffix} belongs to it; npm run backup makes a whole file of a database`,
      );
    }
  }
}

function headOf(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    return head.subarray(0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Checks a copy of a backup and prepares it to be the database: migrated, with correct counts, without companion files, and
 * with a new epoch of its change log, since the next changes are not those that old cursors would expect.
 */
export function prepare(copy: string): RowCounts {
  const client = new Sqlite(copy);
  try {
    client.pragma('journal_mode = DELETE');
    lastApplied(client);
    assertIntegrity(client);
    migrate(client);
    recount(client);
    client.exec('update change_log set epoch = lower(hex(randomblob(8)))');
    const rows = rowCounts(client);
    // In WAL mode, as the program keeps its databases: two processes that start together need not both set it.
    client.pragma('journal_mode = WAL');
    return rows;
  } finally {
    client.close();
  }
}

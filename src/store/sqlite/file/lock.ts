import Sqlite, { SqliteError } from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';
import { isDamage, isLocked } from './errors.ts';

/** How long a command that is just ending may take. */
const TIMEOUT_MS = 1_000;

/**
 * Locks a database file exclusively until it is disposed of, and moves all of its log into it, so that the file is complete.
 * Creates a missing file. Throws `UnusableDatabaseError` when another process has the file open, even read-only, and returns
 * `undefined` for a file that is too damaged to be locked.
 *
 * A process that waits meanwhile, and then finds another file in its place, cannot write to the old one: SQLite creates no
 * journal for a file that has lost its name, and the old file has no log to write to.
 */
export function lockExclusively(file: string): Disposable | undefined {
  if (!isReadable(file)) return undefined;
  const client = new Sqlite(file, { timeout: TIMEOUT_MS });
  try {
    readThough(client);
    // Without a log nobody can have one open, and the lock is one on the file itself.
    client.pragma('journal_mode = DELETE');
    client.exec('begin exclusive');
    if (client.pragma('journal_mode', { simple: true }) !== 'delete') throw new SqliteError('in use', 'SQLITE_BUSY');
    return { [Symbol.dispose]: () => void client.close() };
  } catch (error) {
    client.close();
    if (!isLocked(error)) throw error;
    throw new UnusableDatabaseError(
      'a server or another command has the database open; stop it, and run this again. Nothing was changed',
    );
  }
}

/** Only reads: closing a connection that writes would play the log back into a file that nobody can read. */
function isReadable(file: string): boolean {
  let client: Sqlite.Database | undefined;
  try {
    client = new Sqlite(file, { readonly: true, timeout: TIMEOUT_MS });
    readThough(client);
    client.pragma('schema_version');
    return true;
  } catch (error) {
    return !isDamage(error);
  } finally {
    client?.close();
  }
}

/** Makes even a truncated file open, so that it can be locked. */
function readThough(client: Sqlite.Database): void {
  client.unsafeMode();
  client.pragma('writable_schema = ON');
}

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database, SqliteError } from 'better-sqlite3';
import { UnusableDatabase } from '../store.ts';
import { inspect } from './inspect.ts';
import { migrate } from './migrate.ts';
import { BESIDE } from './on-disk.ts';
import { isDamage, reasonOf } from './reason.ts';

/** How long the start may wait for another process that migrates or writes, in milliseconds. */
const START_PATIENCE = 10_000;
/** In milliseconds. */
const RETRY_PAUSE = 20;

/** Opens the file, makes it if it is missing, and migrates it. One that it cannot work with is left as it is. */
export function connect(file: string): Database {
  let client: Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    assertWritable(file);
    inspect(file, START_PATIENCE);
    client = new Sqlite(file, { timeout: START_PATIENCE });
    keepLog(client);
    // The driver's default for a WAL file is NORMAL, and then a power loss takes acknowledged commits with it.
    client.pragma('synchronous = FULL');
    migrate(client);
    client.pragma('foreign_keys = ON');
    // The driver would sleep with the whole event loop; the commit queue waits without that.
    client.pragma('busy_timeout = 0');
    return client;
  } catch (error) {
    client?.close();
    if (wasReplaced(error)) return connect(file);
    const hint = isDamage(error) ? '; it was left as it is, and npm run restore brings a backup back' : '';
    throw new UnusableDatabase(`Cannot use the database ${file}: ${reasonOf(error)}${hint}.`, { cause: error });
  }
}

/** SQLite waits for those who read or commit, but not for one who is about to write; so this asks again. */
function keepLog(client: Database): void {
  const deadline = performance.now() + START_PATIENCE;
  for (;;) {
    try {
      client.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const busy = error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PAUSE);
  }
}

/** Whether a restore put another file in the place of this one, between opening it and the first write. */
const wasReplaced = (error: unknown): boolean =>
  error instanceof SqliteError && error.code === 'SQLITE_READONLY_DBMOVED';

/**
 * A file that can only be read would be opened all the same, and fail at the first write. To look into it would leave files
 * beside it that cannot be written either.
 */
function assertWritable(file: string): void {
  try {
    for (const suffix of ['', ...BESIDE]) if (existsSync(file + suffix)) accessSync(file + suffix, constants.W_OK);
    // SQLite makes its log beside the file.
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch {
    throw new UnusableDatabase('it cannot be written; check the rights of the file and its folder');
  }
}

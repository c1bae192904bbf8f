import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database, SqliteError } from 'better-sqlite3';
import { UnusableDatabase } from '../store.ts';
import { migrate } from './migrate.ts';

/** How long the start may wait for another process that migrates or writes, in milliseconds. */
const START_PATIENCE = 10_000;

/** Opens the file, makes it if it is missing, and migrates it. */
export function connect(file: string): Database {
  let client: Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    client = new Sqlite(file, { timeout: START_PATIENCE });
    client.pragma('journal_mode = WAL');
    // The driver's default for a WAL file is NORMAL, and then a power loss takes acknowledged commits with it.
    client.pragma('synchronous = FULL');
    migrate(client);
    client.pragma('foreign_keys = ON');
    // The driver would sleep with the whole event loop; the commit queue waits without that.
    client.pragma('busy_timeout = 0');
    return client;
  } catch (error) {
    client?.close();
    throw new UnusableDatabase(`Cannot use the database ${file}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Why a database cannot be used, for people. */
export function reasonOf(error: unknown): string {
  if (error instanceof SqliteError) {
    if (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT')) {
      return 'it is damaged, or no SQLite database at all; the file was left as it is';
    }
    if (error.code.startsWith('SQLITE_BUSY')) return 'another process keeps it locked';
    if (error.code === 'SQLITE_FULL') return 'the disk is full';
    if (error.code.startsWith('SQLITE_READONLY'))
      return 'it cannot be written; check the rights of the file and its folder';
    if (error.code.startsWith('SQLITE_CANTOPEN'))
      return 'it cannot be opened; check the rights of the file and its folder';
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a part of its path is a file, not a folder';
  if (code === 'EACCES' || code === 'EROFS') return 'its folder cannot be made; check the rights';
  return error instanceof Error ? error.message : String(error);
}

import Sqlite, { type Database } from 'better-sqlite3';
import { freeBytes, MIN_FREE_BYTES } from './disk-room.ts';
import type { OwnFile } from './own-file.ts';

// Processes that use one database share an index of its log in a file, and a full disk has no room for that. A connection
// with exclusive access keeps the index in memory, so it can still read.

/** Opens a database that no other process can use meanwhile. Throws `SQLITE_BUSY` when one does. */
export function openAlone(file: string, patience: number): Database {
  const client = new Sqlite(file, { timeout: patience });
  client.pragma('locking_mode = EXCLUSIVE');
  return client;
}

export interface Sharing {
  /** Allows other processes again, if possible by now; returns whether they are allowed. */
  resume(): boolean;
}

export function sharing(file: string, client: Database, isAlone: boolean, own: OwnFile): Sharing {
  let alone = isAlone;
  return {
    resume() {
      if (!alone) return true;
      if (freeBytes(file) < MIN_FREE_BYTES) return false;
      try {
        own.renewLog();
        // To leave a log whose index is in memory, the database must have no log for a moment.
        client.pragma('journal_mode = DELETE');
        client.pragma('locking_mode = NORMAL');
        client.pragma('journal_mode = WAL');
        client.pragma('synchronous = FULL');
        alone = false;
      } catch {
        // There is still no room, or another process was quicker; this is tried again.
      }
      return !alone;
    },
  };
}

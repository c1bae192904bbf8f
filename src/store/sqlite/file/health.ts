import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { StorageError, type Store, UnusableDatabaseError } from '../../store.ts';
import type { Commits, Work } from '../commit/transactions.ts';
import { compile } from '../compile.ts';
import { sql } from '../drizzle.ts';
import { changeLog } from '../tables.ts';
import { readFreeBytes } from './disk-room.ts';
import { errorText } from './errors.ts';
import { isCurrent } from './migrate.ts';
import type { StorageWatch } from './storage-watch.ts';

/** A write that is synced like any other, and changes nothing. */
export function createTouch(client: Database, db: BetterSQLite3Database): Work<void> {
  const touch = compile(client, db.update(changeLog).set({ prunedTo: sql`${changeLog.prunedTo}` }), []);
  return () => void touch.run();
}

/**
 * Checks whether a change could be stored, by a real write that changes nothing: it shares a commit with others, waits like
 * them for the lock of another process, and is synced like them.
 */
export function createHealthCheck(
  file: string,
  client: Database,
  commits: Commits,
  watch: StorageWatch,
  touch: Work<void>,
): Store['findStorageProblem'] {
  async function problemOf(minFreeBytes: number): Promise<string | undefined> {
    try {
      watch.checkAll();
      // A write would fail again with the same known problem.
      if (watch.problem() !== undefined && !watch.mayHeal()) return undefined;
      // A full disk may still take a write that fits into what the log had before.
      if ((await readFreeBytes(file)) <= minFreeBytes) return 'the disk of the database has too little room left';
      if (!isCurrent(client)) return 'the tables of the database are not those of this version';
      await commits.write('health', 0, touch);
      return undefined;
    } catch (error) {
      if (error instanceof StorageError && error.problem !== 'busy') return undefined;
      if (error instanceof StorageError) return `the database cannot be written: ${error.message}`;
      if (error instanceof UnusableDatabaseError) return `the database cannot be used: ${error.message}`;
      return `the database cannot be used: ${errorText(error)}`;
    }
  }

  return async (minFreeBytes) => watch.found(await problemOf(minFreeBytes));
}

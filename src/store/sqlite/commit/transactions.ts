import { type Database, SqliteError } from 'better-sqlite3';
import type { GroupCommit, Result } from '../../group-commit.ts';
import { isLocked, isStorageFault } from '../file/errors.ts';

/** The work of a transaction for one caller, given the moment of the commit. */
export type Work<T> = (now: number) => T;

/** The queue of works, each of which resolves with what it returns. */
export interface Commits extends Omit<GroupCommit<Work<unknown>>, 'write'> {
  write<T>(lane: string, size: number, work: Work<T>): Promise<T>;
}

type Works = readonly Work<unknown>[];

export interface TransactionOptions {
  /** Called first in a transaction; returns the moment of the commit, in milliseconds since 1970. */
  readonly begin: () => number;
  /** Called last in a transaction. */
  readonly end: () => void;
}

/**
 * The COMMIT itself failed, in a way that does not say what is on disk: the frames of the transaction may be there, and
 * be played back after a crash, until a later commit has been written over them.
 */
export class CommitError extends Error {
  override readonly name = 'CommitError';
}

/**
 * Runs works in one transaction each time. When one of them throws, all run again with a savepoint each; a storage fault is
 * thrown, as a `CommitError` when its outcome is unknown.
 */
export function createTransactions(client: Database, options: TransactionOptions): (works: Works) => Result[] {
  const begin = client.prepare('begin immediate');
  const end = client.prepare('commit');
  const rollback = client.prepare('rollback');
  // Inside another transaction this is a savepoint.
  const alone = client.transaction((work: Work<unknown>, now: number) => work(now));

  const together = (works: Works, now: number): Result[] => works.map((work) => ({ value: work(now) }));

  function apart(works: Works, now: number): Result[] {
    return works.map((work) => {
      try {
        return { value: alone(work, now) };
      } catch (error) {
        if (isStorageFault(error)) throw error;
        return { error };
      }
    });
  }

  function commit(): void {
    try {
      end.run();
    } catch (error) {
      // The last frame is the one that commits, and the full disk did not store it.
      const isCertain = isLocked(error) || (error instanceof SqliteError && error.code === 'SQLITE_FULL');
      throw isCertain || !isStorageFault(error) ? error : new CommitError('the commit failed', { cause: error });
    }
  }

  function transaction(run: typeof together, works: Works): Result[] {
    begin.run();
    try {
      const results = run(works, options.begin());
      options.end();
      commit();
      return results;
    } finally {
      // SQLite itself may have rolled back already.
      if (client.inTransaction) rollback.run();
    }
  }

  return (works) => {
    try {
      return transaction(together, works);
    } catch (error) {
      if (isStorageFault(error) || error instanceof CommitError || works.length === 1) throw error;
      return transaction(apart, works);
    }
  };
}

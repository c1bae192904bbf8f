import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Database, SqliteError } from 'better-sqlite3';
import type { Result, Work } from '../../group-commit.ts';
import { isLocked, isStorageFault } from '../file/errors.ts';

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
 * thrown, as a `CommitError` when its outcome is unknown. Between the pieces of a long work the event loop has a turn, with
 * the transaction open: `client.inTransaction` is true then, and what this connection reads is not committed.
 */
export function createTransactions(client: Database, options: TransactionOptions): (works: Works) => Promise<Result[]> {
  const begin = client.prepare('begin immediate');
  const end = client.prepare('commit');
  const rollback = client.prepare('rollback');
  // Inside another transaction this is a savepoint.
  const alone = client.transaction((work: Work<unknown>, now: number) => atOnce(work(now)));

  async function inTurns(pieces: Generator<void, unknown>): Promise<unknown> {
    let piece = pieces.next();
    while (!piece.done) {
      await nextTurn();
      // SQLite may end a transaction itself when a read beside it fails; then nothing of it may be written any more.
      if (!client.inTransaction) throw new Error('the transaction of a long write was ended');
      piece = pieces.next();
    }
    return piece.value;
  }

  async function together(works: Works, now: number): Promise<Result[]> {
    const results: Result[] = [];
    for (const work of works) {
      const value = work(now);
      results.push({ value: isGenerator(value) ? await inTurns(value) : value });
    }
    return results;
  }

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

  async function transaction(run: typeof together | typeof apart, works: Works): Promise<Result[]> {
    begin.run();
    try {
      const results = await run(works, options.begin());
      options.end();
      commit();
      return results;
    } finally {
      // SQLite itself may have rolled back already.
      if (client.inTransaction) rollback.run();
    }
  }

  return async (works) => {
    try {
      return await transaction(together, works);
    } catch (error) {
      if (isStorageFault(error) || error instanceof CommitError || works.length === 1) throw error;
      return await transaction(apart, works);
    }
  };
}

const isGenerator = (value: unknown): value is Generator<void, unknown> =>
  typeof (value as Partial<Generator> | null | undefined)?.next === 'function';

function atOnce(value: unknown): unknown {
  if (!isGenerator(value)) return value;
  let piece = value.next();
  while (!piece.done) piece = value.next();
  return piece.value;
}

import type { Database } from 'better-sqlite3';
import type { Committer } from '../../group-commit.ts';
import { StorageError } from '../../store.ts';
import { errorText, isFull, isLocked, isReadOnly, isStorageFault } from '../file/errors.ts';
import type { StorageWatch } from '../file/storage-watch.ts';
import { CommitError, createTransactions, type TransactionOptions, type Work } from './transactions.ts';

export interface CommitterOptions extends TransactionOptions {
  /** Checks the files before each commit, and again before its callers are answered. */
  readonly watch: Pick<StorageWatch, 'check' | 'assertUsable' | 'succeeded' | 'failed'>;
  /** Writes, and changes nothing. */
  readonly touch: Work<void>;
}

/**
 * So many frames of the log are moved into the database while nothing waits: some milliseconds. Where something always waits, a commit
 * moves a thousand, for which it takes some 20 ms.
 */
const FRAMES = 100;

/** Commits to one SQLite file. */
export function createCommitter(
  client: Database,
  { watch, touch, ...options }: CommitterOptions,
): Committer<Work<unknown>> {
  const transact = createTransactions(client, options);
  const frames = client.prepare('pragma wal_checkpoint(NOOP)');
  const checkpoint = client.prepare('pragma wal_checkpoint(PASSIVE)');

  function check(): void {
    watch.check();
    watch.assertUsable();
  }

  function checkpointSome(): void {
    try {
      const [{ log, checkpointed }] = frames.all() as [{ log: number; checkpointed: number }];
      if (log - checkpointed >= FRAMES) checkpoint.run();
    } catch {
      // A commit checkpoints later.
    }
  }

  function isOverwritten(): boolean {
    try {
      transact([touch]);
      watch.succeeded();
      return true;
    } catch {
      return false;
    }
  }

  return {
    async commit(works) {
      check();
      const results = transact(works);
      check();
      watch.succeeded();
      return results;
    },
    waitsFor: (error) => (isLocked(error) ? 'another process keeps the database locked' : undefined),
    rest: checkpointSome,
    // After a fault in the COMMIT itself, `touch` is committed over it: when that succeeds, it is certain that nothing of the
    // failed commit is stored; otherwise its outcome is unknown.
    async toError(error) {
      if (error instanceof CommitError) {
        watch.failed(error.cause);
        if (isOverwritten()) return new StorageError('busy', 'the disk did not take the commit', { cause: error });
        return new StorageError('outcomeUnknown', 'the disk failed in a commit', { cause: error });
      }
      if (!isStorageFault(error)) return error;
      watch.failed(error);
      const problem = isFull(error) ? 'full' : isReadOnly(error) ? 'readOnly' : 'busy';
      return new StorageError(problem, errorText(error), { cause: error });
    },
  };
}

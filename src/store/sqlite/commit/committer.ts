import { StorageError } from '../../store.ts';
import { errorText, isFull, isReadOnly, isStorageFault } from '../file/errors.ts';
import type { StorageWatch } from '../file/storage-watch.ts';
import { CommitError, type Result, type Work } from './transactions.ts';

/**
 * The error for the callers whose commit failed. After a fault in the COMMIT itself, `touch` is committed over it: when that goes
 * through, it is certain that nothing of the failed commit is stored; otherwise its outcome is unknown.
 */
export function createCommitErrors(
  commit: (works: readonly Work<unknown>[]) => Promise<Result[]>,
  touch: Work<void>,
  watch: Pick<StorageWatch, 'succeeded' | 'failed'>,
): (error: unknown) => Promise<unknown> {
  async function isOverwritten(): Promise<boolean> {
    try {
      await commit([touch]);
      watch.succeeded();
      return true;
    } catch {
      return false;
    }
  }

  return async (error) => {
    if (error instanceof CommitError) {
      watch.failed(error.cause);
      if (await isOverwritten()) return new StorageError('busy', 'the disk did not take the commit', { cause: error });
      return new StorageError('outcomeUnknown', 'the disk failed in a commit', { cause: error });
    }
    if (!isStorageFault(error)) return error;
    watch.failed(error);
    const problem = isFull(error) ? 'full' : isReadOnly(error) ? 'readOnly' : 'busy';
    return new StorageError(problem, errorText(error), { cause: error });
  };
}

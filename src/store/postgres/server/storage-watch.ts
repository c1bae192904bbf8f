import type { StorageError } from '../../store.ts';

/** What is wrong with the storage, as writes and checks have found it; each problem is reported once. */
export interface StorageWatch {
  problem(): string | undefined;
  /** Called with the problem that a check or a write has found, or with `undefined` when there was none. */
  found(problem: string | undefined): string | undefined;
  /** Called after each write, with its fault if it had one. */
  wrote(error: unknown): void;
}

export function createStorageWatch(report: (problem: string | undefined) => void): StorageWatch {
  let current: string | undefined;

  function found(problem: string | undefined): string | undefined {
    if (problem !== current) {
      current = problem;
      report(problem);
    }
    return problem;
  }

  return {
    problem: () => current,
    found,
    wrote(error) {
      if (error === undefined) found(undefined);
      // One write that waited too long for another one says nothing of the others.
      else if (isOfServer(error)) found(`the database cannot be written: ${error.message}`);
    },
  };
}

const isOfServer = (error: unknown): error is StorageError =>
  error instanceof Error && error.name === 'StorageError' && (error as StorageError).problem !== 'busy';

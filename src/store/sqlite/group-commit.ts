import { type Database, SqliteError } from 'better-sqlite3';
import { StorageBusy } from '../store.ts';

// A durable commit waits for the disk, and that costs more than some twenty updates. So the writes that arrive in one
// turn of the event loop share one commit, and each caller is answered after the commit that holds its own write. When
// nobody else is there, a write is committed at the end of its turn: it never waits for company.

/** The most edits in one commit: what keeps the event loop free for others in between. */
const COMMIT_SIZE = 1_000;
/** How long to sleep before the lock of another process is tried again, in milliseconds. */
const RETRY_PAUSE = 5;

export interface GroupCommitOptions {
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly lockPatience: number;
  /** How many edits may wait; beyond it callers are told at once that the storage is busy. */
  readonly maxWaiting: number;
  /** Called first in a transaction; returns the moment of the commit, in milliseconds since 1970. */
  readonly begin: () => number;
  /** Called last in a transaction. */
  readonly end: () => void;
  /** Called after each commit of so many edits, once its callers are answered. */
  readonly onCommit: (edits: number) => void;
}

interface Job {
  readonly work: (now: number) => unknown;
  readonly size: number;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What a write returned, or what it threw. */
type Result = { readonly value: unknown } | { readonly error: unknown };

export interface GroupCommit {
  /**
   * Runs `work`, of `size` edits, inside a transaction and resolves once that is on disk. `work` is given the moment of
   * the commit, and it may run twice.
   */
  write<T>(size: number, work: (now: number) => T): Promise<T>;
  /** How many edits wait. */
  waiting(): number;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

export function groupCommit(client: Database, options: GroupCommitOptions): GroupCommit {
  const waiting: Job[] = [];
  let waitingSize = 0;
  let scheduled = false;
  const onDrained: (() => void)[] = [];
  const together = client.transaction((jobs: readonly Job[]): Result[] => {
    const now = options.begin();
    const results = jobs.map((job) => ({ value: job.work(now) }));
    options.end();
    return results;
  });
  // Inside another transaction this is a savepoint.
  const alone = client.transaction((job: Job, now: number) => job.work(now));
  const apart = client.transaction((jobs: readonly Job[]): Result[] => {
    const now = options.begin();
    const results = jobs.map((job) => {
      try {
        return { value: alone(job, now) };
      } catch (error) {
        if (isStorageFault(error)) throw error;
        return { error };
      }
    });
    options.end();
    return results;
  });

  /** One commit. When a write fails and takes the others with it, they run again with a savepoint each. */
  function commit(jobs: readonly Job[]): Result[] {
    try {
      return together.immediate(jobs);
    } catch (error) {
      if (isStorageFault(error)) throw error;
      return apart.immediate(jobs);
    }
  }

  function schedule(pause?: number): void {
    scheduled = true;
    if (pause === undefined) setImmediate(commitNext);
    else setTimeout(commitNext, pause);
  }

  function commitNext(): void {
    scheduled = false;
    let count = 0;
    let size = 0;
    for (const job of waiting) {
      if (count > 0 && size + job.size > COMMIT_SIZE) break;
      size += job.size;
      count++;
    }
    const batch = waiting.slice(0, count);
    try {
      settle(batch, commit(batch));
      options.onCommit(size);
    } catch (error) {
      if (isLocked(error)) {
        waitForLock();
        return;
      }
      const refusal = isStorageFault(error)
        ? new StorageBusy('the disk did not take the commit', { cause: error })
        : error;
      for (const job of batch) job.reject(refusal);
    }
    waiting.splice(0, count);
    waitingSize -= size;
    goOn();
  }

  /** The batch stays where it is, in its order; those who waited long enough are told. */
  function waitForLock(): void {
    const now = performance.now();
    while (waiting[0] && waiting[0].deadline <= now) {
      const job = waiting.shift() as Job;
      waitingSize -= job.size;
      job.reject(new StorageBusy('another process keeps the database locked'));
    }
    goOn(RETRY_PAUSE);
  }

  function goOn(pause?: number): void {
    if (waiting.length > 0) schedule(pause);
    else for (const resolve of onDrained.splice(0)) resolve();
  }

  return {
    write<T>(size: number, work: (now: number) => T) {
      if (waitingSize > 0 && waitingSize + size > options.maxWaiting) {
        return Promise.reject(new StorageBusy('too many writes are waiting'));
      }
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, size, resolve, reject, deadline: performance.now() + options.lockPatience });
        waitingSize += size;
        if (!scheduled) schedule();
      });
    },
    waiting: () => waitingSize,
    drained: () => (scheduled ? new Promise<void>((resolve) => onDrained.push(resolve)) : Promise.resolve()),
  };
}

function settle(jobs: readonly Job[], results: readonly Result[]): void {
  jobs.forEach((job, index) => {
    const result = results[index] as Result;
    if ('error' in result) job.reject(result.error);
    else job.resolve(result.value as never);
  });
}

const codeOf = (error: unknown): string => (error instanceof SqliteError ? error.code : '');
const isLocked = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');
const isStorageFault = (error: unknown): boolean => /^SQLITE_(FULL|IOERR|BUSY)/.test(codeOf(error));

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
}

interface Job {
  readonly work: () => unknown;
  readonly size: number;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  /** Runs `work`, of `size` edits, inside a transaction and resolves once that is on disk. `work` may run twice. */
  write<T>(size: number, work: () => T): Promise<T>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

export function groupCommit(client: Database, options: GroupCommitOptions): GroupCommit {
  const waiting: Job[] = [];
  let waitingSize = 0;
  let scheduled = false;
  const onDrained: (() => void)[] = [];
  const inTransaction = client.transaction((jobs: readonly Job[]) => jobs.map((job) => job.work()));

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
      settle(batch, inTransaction.immediate(batch));
    } catch (error) {
      if (isLocked(error)) {
        waitForLock();
        return;
      }
      if (batch.length === 1 || isStorageFault(error)) for (const job of batch) refuse(job, error);
      else for (const job of batch) commitAlone(job);
    }
    waiting.splice(0, count);
    waitingSize -= size;
    goOn();
  }

  /** One write of the batch failed: each runs again on its own, so that only the one at fault is told. */
  function commitAlone(job: Job): void {
    try {
      settle([job], inTransaction.immediate([job]));
    } catch (error) {
      refuse(job, error);
    }
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
    write<T>(size: number, work: () => T) {
      if (waitingSize > 0 && waitingSize + size > options.maxWaiting) {
        return Promise.reject(new StorageBusy('too many writes are waiting'));
      }
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, size, resolve, reject, deadline: performance.now() + options.lockPatience });
        waitingSize += size;
        if (!scheduled) schedule();
      });
    },
    drained: () => (scheduled ? new Promise<void>((resolve) => onDrained.push(resolve)) : Promise.resolve()),
  };
}

function settle(jobs: readonly Job[], results: readonly unknown[]): void {
  jobs.forEach((job, index) => {
    job.resolve(results[index] as never);
  });
}

function refuse(job: Job, error: unknown): void {
  job.reject(isStorageFault(error) ? new StorageBusy('the disk did not take the commit', { cause: error }) : error);
}

const codeOf = (error: unknown): string => (error instanceof SqliteError ? error.code : '');
const isLocked = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');
const isStorageFault = (error: unknown): boolean => /^SQLITE_(FULL|IOERR|BUSY)/.test(codeOf(error));

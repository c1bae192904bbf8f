import { StorageError } from './store.ts';

// A durable commit waits for the disk, which costs more than some twenty updates. So the writes that arrive in one turn of
// the event loop share one commit, and each caller is answered after the commit that holds its own write. A single write is
// committed at the end of its turn: it never waits for others. When several wait, and the last turn brought new ones, more
// are probably on their way, so one more turn is awaited.

/** The most edits in one commit. */
const MAX_EDITS = 1_000;
/** How long more writes may be awaited: a busy turn is long. */
const GATHER_MS = 1;
/** The pause before the lock of another process is tried again. */
const RETRY_PAUSE_MS = 5;

/** The work of a transaction for one caller: done at once, or in pieces, one for each `yield`. */
export type Work<T> = (now: number) => T | Generator<void, T>;

/** What a work returned, or what it threw. */
export type Result = { readonly value: unknown } | { readonly error: unknown };

/** What a dialect does for the queue. */
export interface Committer {
  /** Runs works in one transaction; resolves with their results, in order, once they are on disk and may be answered. */
  commit(works: readonly Work<unknown>[]): Promise<readonly Result[]>;
  /** Whether a commit failed only because another process holds the lock of the database. */
  isLocked(error: unknown): boolean;
  /** The error for the callers of a commit that failed in another way. */
  toError(error: unknown): Promise<unknown>;
}

export interface GroupCommitOptions {
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** How many edits may wait; beyond it further writes are refused at once as busy. */
  readonly maxWaiting: number;
  /** Called for each write that is on disk, with the seconds that it waited for its transaction to begin. */
  readonly onWait: (seconds: number) => void;
  /** Called after each commit of so many edits, once its callers are answered. */
  readonly onCommit: (edits: number) => void;
}

interface Job {
  readonly work: Work<unknown>;
  readonly size: number;
  readonly since: number;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  /**
   * Runs `work`, of `size` edits, inside a transaction and resolves once that is on disk. `work` is given the moment of
   * the commit, and it may run twice.
   */
  write<T>(size: number, work: Work<T>): Promise<T>;
  /** How many edits wait. */
  waiting(): number;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/** Queues writes, and commits those that wait together. */
export function createGroupCommit(committer: Committer, options: GroupCommitOptions): GroupCommit {
  const waiting: Job[] = [];
  let waitingSize = 0;
  let scheduled = false;
  let seen = 0;
  let gatheringSince = 0;
  const onDrained: (() => void)[] = [];

  function schedule(pause?: number): void {
    scheduled = true;
    if (pause === undefined) setImmediate(commitNext);
    else setTimeout(commitNext, pause);
  }

  async function commitNext(): Promise<void> {
    if (seen === 0) gatheringSince = performance.now();
    const moreCome = waiting.length > seen && waiting.length > 1 && waitingSize < MAX_EDITS;
    if (moreCome && performance.now() - gatheringSince < GATHER_MS) {
      seen = waiting.length;
      return schedule();
    }
    seen = 0;
    let count = 0;
    let size = 0;
    for (const job of waiting) {
      if (count > 0 && size + job.size > MAX_EDITS) break;
      size += job.size;
      count++;
    }
    const batch = waiting.slice(0, count);
    const begunAt = performance.now();
    try {
      const results = await committer.commit(batch.map(({ work }) => work));
      settle(batch, results);
      for (const job of batch) if (job.size > 0) options.onWait((begunAt - job.since) / 1e3);
      options.onCommit(size);
    } catch (error) {
      if (committer.isLocked(error)) {
        waitForLock();
        return;
      }
      const reason = await committer.toError(error);
      for (const job of batch) job.reject(reason);
    }
    waiting.splice(0, count);
    waitingSize -= size;
    goOn();
  }

  /** The batch keeps its place in the queue; writes that waited too long are refused. */
  function waitForLock(): void {
    const now = performance.now();
    while (waiting[0] && waiting[0].deadline <= now) {
      const job = waiting.shift() as Job;
      waitingSize -= job.size;
      job.reject(new StorageError('busy', 'another process keeps the database locked'));
    }
    goOn(RETRY_PAUSE_MS);
  }

  function goOn(pause?: number): void {
    scheduled = false;
    if (waiting.length > 0) schedule(pause);
    else for (const resolve of onDrained.splice(0)) resolve();
  }

  return {
    write<T>(size: number, work: Work<T>) {
      if (waitingSize > 0 && waitingSize + size > options.maxWaiting) {
        return Promise.reject(new StorageError('busy', 'too many writes are waiting'));
      }
      return new Promise<T>((resolve, reject) => {
        const since = performance.now();
        waiting.push({ work, size, resolve, reject, since, deadline: since + options.lockTimeoutMs });
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

import type { CommitSize } from './commit-size.ts';
import { createLanes, type Job } from './lanes.ts';
import { StorageError } from './store.ts';

// A durable commit waits for the disk, which costs more than some twenty updates. So the writes that arrive in one turn of
// the event loop share one commit, and each caller is answered after the commit that holds its own write. A single write is
// committed at the end of its turn: it never waits for others. When several wait, and the last turn brought new ones, more
// are probably on their way, so one more turn is awaited.

/** So many lanes may be full at once; then all are refused further writes. */
const MAX_FULL_LANES = 5;
/** How long more writes may be awaited: a busy turn is long. */
const GATHER_MS = 1;
/** The pause before the lock of another process is tried again. */
const RETRY_PAUSE_MS = 1;

/** What a work returned, or what it threw. */
export type Result = { readonly value: unknown } | { readonly error: unknown };

/** What a dialect does for the queue; `Work` is what it takes as the work of a transaction for one caller. */
export interface Committer<Work> {
  /** Runs works in one transaction; resolves with their results, in order, once they are on disk and may be answered. */
  commit(works: readonly Work[]): Promise<readonly Result[]>;
  /** What a failed commit waits for, when it may succeed a moment later, such as a lock; `undefined` for another fault. */
  waitsFor(error: unknown): string | undefined;
  /** The error for the callers of a commit that failed in another way. */
  toError(error: unknown): Promise<unknown>;
  /** Called when nothing waits: a moment for what would make writes wait later. */
  rest(): void;
}

export interface GroupCommitOptions {
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** How many edits of one lane may wait; beyond it further ones are refused at once as busy. */
  readonly maxWaiting: number;
  readonly commitSize: CommitSize;
  /** Called for each write that is on disk, with the seconds that it waited for its transaction to begin. */
  readonly onWait: (seconds: number) => void;
  /** Called after each commit of so many edits, once its callers are answered. */
  readonly onCommit: (edits: number) => void;
}

export interface GroupCommit<Work> {
  /**
   * Runs `work`, of `size` edits, inside a transaction and resolves with its result once that is on disk. It may run twice.
   * Writes of one lane are committed in their order, and lanes take turns.
   */
  write<T>(lane: string, size: number, work: Work): Promise<T>;
  /** Throws when so many more edits may not wait in a lane. */
  assertRoom(lane: string, edits: number): void;
  /** How many edits wait. */
  waiting(): number;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/** Queues writes, and commits those that wait together. */
export function createGroupCommit<Work>(committer: Committer<Work>, options: GroupCommitOptions): GroupCommit<Work> {
  const queue = createLanes<Work>();
  const { commitSize } = options;
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
    const now = performance.now();
    if (seen === 0) gatheringSince = now;
    const jobs = queue.jobs();
    const moreCome = jobs > seen && jobs > 1 && queue.edits() < commitSize.max(now);
    if (moreCome && now - gatheringSince < GATHER_MS) {
      seen = jobs;
      return schedule();
    }
    seen = 0;
    const { batch, edits, lanes, remove } = queue.next(commitSize.max(now));
    const begunAt = performance.now();
    try {
      const results = await committer.commit(batch.map(({ work }) => work));
      settle(batch, results);
      const endedAt = performance.now();
      commitSize.learn(edits, endedAt - begunAt, lanes, endedAt);
      for (const job of batch) if (job.size > 0) options.onWait((begunAt - job.since) / 1e3);
      options.onCommit(edits);
    } catch (error) {
      const obstacle = committer.waitsFor(error);
      if (obstacle !== undefined) return tryLater(obstacle);
      const reason = await committer.toError(error);
      for (const job of batch) job.reject(reason);
    }
    remove();
    goOn();
  }

  /** The batch keeps its place in the queue; writes that waited too long are refused. */
  function tryLater(obstacle: string): void {
    for (const job of queue.removeExpired(performance.now())) job.reject(new StorageError('busy', obstacle));
    goOn(RETRY_PAUSE_MS);
  }

  function goOn(pause?: number): void {
    scheduled = false;
    if (queue.jobs() > 0) schedule(pause);
    else {
      for (const resolve of onDrained.splice(0)) resolve();
      restLater();
    }
  }

  // Its callers are answered first.
  function restLater(): void {
    setImmediate(() => {
      if (!scheduled) committer.rest();
    });
  }

  function assertRoom(lane: string, size: number): void {
    const inLane = queue.edits(lane);
    const isFull = inLane + size > options.maxWaiting || queue.edits() + size > MAX_FULL_LANES * options.maxWaiting;
    if (inLane > 0 && isFull) throw new StorageError('busy', 'too many writes are waiting');
  }

  return {
    assertRoom,
    // Not async: its caller is to be answered before followers are woken.
    write<T>(lane: string, size: number, work: Work) {
      return new Promise<T>((resolve, reject) => {
        assertRoom(lane, size);
        const since = performance.now();
        queue.add(lane, { work, size, resolve, reject, since, deadline: since + options.lockTimeoutMs });
        if (!scheduled) schedule();
      });
    },
    waiting: () => queue.edits(),
    drained: () => (scheduled ? new Promise<void>((resolve) => onDrained.push(resolve)) : Promise.resolve()),
  };
}

function settle(jobs: readonly Job<unknown>[], results: readonly Result[]): void {
  jobs.forEach((job, index) => {
    const result = results[index] as Result;
    if ('error' in result) job.reject(result.error);
    else job.resolve(result.value as never);
  });
}

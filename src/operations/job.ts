import { setImmediate } from 'node:timers/promises';
import type { Origin } from '../domain/change.ts';
import { isSilent } from '../domain/lines.ts';
import type { Update } from '../domain/update-flat.ts';
import { ChangesPrunedError, type Outcome, StorageError, type ThreadStore } from '../store/store.ts';

// A job changes many flats, chunk by chunk: what is committed stays, whatever follows, and others write in between.

/** The most flats that one commit changes: another caller's update may wait for all of it. */
const CHUNK_SIZE = 50;
/** How often progress is logged. */
const REPORT_INTERVAL_MS = 5_000;

/** What every job counts. */
export interface JobCounts {
  /** Flats that it is about, when they were read. */
  readonly matched: number;
  /** Those of them whose lines were set to something else, or would be. */
  readonly changed: number;
  /** Those of them that were left with no line that rings, or would be. */
  readonly leftSilent: number;
}

/** Why a job is ended from outside. */
export type JobStop = 'STOPPED' | 'TOKEN_REVOKED';

/** Why it ended by itself: all was processed, one more flat would have been too many, or changes that it needs were pruned. */
export type JobEnd = 'DONE' | 'AT_MOST' | 'LOG_PRUNED';

export type JobState = 'RUNNING' | JobEnd | JobStop | 'STORAGE_BUSY' | 'OUTCOME_UNKNOWN' | 'FAILED';

/** Progress of a job, or its result. */
export type JobProgress<Counts extends JobCounts> = Counts & {
  readonly kind: 'progress';
  /** What it has changed, as a change set; `undefined` when it has changed nothing yet. */
  readonly changeSet: number | undefined;
  readonly state: JobState;
};

export interface Job<Counts extends JobCounts> {
  readonly store: ThreadStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called before each read and each commit: why to stop here, or `undefined` to go on. */
  readonly stopped: () => Promise<JobStop | undefined>;
  /** Called with the progress every few seconds, and at the end in any case. */
  readonly report: (progress: JobProgress<Counts>) => void;
}

/** A job that runs. */
export interface Run<Counts extends JobCounts> {
  readonly counts: () => Counts;
  add(more: Partial<Counts>): void;
  /**
   * Applies updates, a chunk in each commit, and counts what they change; `onOutcomes` is called after each commit. Returns why the job has
   * to stop, if it has to.
   */
  amend(updates: readonly Update[], onOutcomes: (outcomes: readonly Outcome[]) => void): Promise<JobStop | undefined>;
}

/** Runs a job to its end. A storage fault ends it with a state; any other fault is thrown. */
export async function runJob<Counts extends JobCounts>(
  { store, now, stopped, report }: Job<Counts>,
  origin: Origin,
  none: Counts,
  walk: (run: Run<Counts>) => Promise<JobEnd | JobStop>,
): Promise<JobProgress<Counts>> {
  let counts = none;
  /** All of the job is one change set, which its first change begins. */
  let changeSet: number | undefined;
  let reported = now();
  const progress = (state: JobState): JobProgress<Counts> => ({ ...counts, kind: 'progress', changeSet, state });

  function add(more: Partial<Counts>): void {
    const sums = Object.entries(counts).map(([name, sum]) => [name, sum + (more[name as keyof Counts] ?? 0)]);
    counts = Object.fromEntries(sums) as Counts;
    if (now() - reported < REPORT_INTERVAL_MS) return;
    reported = now();
    report(progress('RUNNING'));
  }

  async function amend(updates: readonly Update[], onOutcomes: (outcomes: readonly Outcome[]) => void) {
    for (let start = 0; start < updates.length; start += CHUNK_SIZE) {
      const stop = await stopped();
      if (stop) return stop;
      const outcomes = await store.amend(origin, updates.slice(start, start + CHUNK_SIZE), { changeSet });
      const changes = outcomes.flatMap((it) => (it.kind === 'written' ? it.change : []));
      changeSet ??= changes[0]?.changeSet;
      const leftSilent = changes.filter((it) => isSilent(it.after)).length;
      add({ changed: changes.length, leftSilent } as Partial<Counts>);
      onOutcomes(outcomes);
      await letOthersPass();
    }
    return undefined;
  }

  function end(state: JobState): JobProgress<Counts> {
    const ended = progress(state);
    report(ended);
    return ended;
  }

  try {
    return end(await walk({ counts: () => counts, add, amend }));
  } catch (error) {
    const ended = end(stateAfter(error));
    if (ended.state === 'FAILED') throw error;
    return ended;
  }
}

/**
 * Leaves a turn of the event loop to others: requests that arrived during a commit are read in the next turn, and committed
 * at its end. Going on at once would add a chunk to each of their commits, which would take several times as long.
 */
export async function letOthersPass(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** When the database itself is lost, so is what was counted as changed. */
function stateAfter(error: unknown): JobState {
  if (error instanceof ChangesPrunedError) return 'LOG_PRUNED';
  if (!(error instanceof StorageError) || error.problem === 'lost') return 'FAILED';
  return error.problem === 'outcomeUnknown' ? 'OUTCOME_UNKNOWN' : 'STORAGE_BUSY';
}

import { setImmediate } from 'node:timers/promises';
import type { Origin } from '../domain/change.ts';
import { hasLines } from '../domain/lines.ts';
import { type Invalid, isInvalid } from '../domain/refusal.ts';
import {
  parseUpdateWhere,
  type UpdateWhere,
  type UpdateWhereInput,
  updateOfMatch,
} from '../domain/update-flats-where.ts';
import { type Outcome, StorageError, type ThreadStore } from '../store/store.ts';

/** The most flats that one read scans: a millisecond or two of blocking. */
const SCAN_BUDGET = 1_000;
/** The most flats that one commit changes: another caller's update may wait for all of it. */
const CHUNK_SIZE = 50;
/** How often progress is logged. */
const REPORT_INTERVAL_MS = 5_000;

/** Progress of the job, or its result. */
export interface WhereProgress {
  readonly kind: 'progress';
  /** Flats that matched when they were scanned. */
  readonly matched: number;
  /** Those of them whose lines were set to something else, or would be. */
  readonly changed: number;
  /** `DONE` when every matching flat was processed; otherwise a second run finds the rest. */
  readonly state: 'RUNNING' | 'DONE' | WhereStop | 'STORAGE_BUSY' | 'OUTCOME_UNKNOWN' | 'FAILED';
}

/** Why a job is ended from outside. */
export type WhereStop = 'STOPPED' | 'TOKEN_REVOKED';

export interface WhereJob {
  readonly store: ThreadStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called before each read and each commit: why to stop here, or `undefined` to go on. */
  readonly stopped: () => Promise<WhereStop | undefined>;
  /** Called with the progress every few seconds, and at the end in any case. */
  readonly report: (progress: WhereProgress) => void;
}

/**
 * Sets the lines of all flats that match, chunk by chunk: what is committed stays, whatever follows. It scans by positions
 * that no update changes, so it meets each flat once, even if the filter asks for the very lines that it sets. A dry run
 * does the same scan and writes nothing.
 */
export async function updateFlatsWhere(
  { store, now, stopped, report }: WhereJob,
  origin: Origin,
  input: UpdateWhereInput,
  { dryRun }: { readonly dryRun: boolean },
): Promise<WhereProgress | Invalid> {
  const update = parseUpdateWhere(input);
  if (isInvalid(update)) return update;

  let progress: WhereProgress = { kind: 'progress', matched: 0, changed: 0, state: 'RUNNING' };
  let reported = now();
  const add = (matched: number, changed: number): void => {
    progress = { ...progress, matched: progress.matched + matched, changed: progress.changed + changed };
    if (now() - reported < REPORT_INTERVAL_MS) return;
    reported = now();
    report(progress);
  };
  const end = (state: WhereProgress['state']): WhereProgress => {
    progress = { ...progress, state };
    report(progress);
    return progress;
  };

  async function walk(update: UpdateWhere): Promise<'DONE' | WhereStop> {
    let position: number | undefined = 0;
    /** All of the job is one change set, which its first change begins. */
    let changeSet: number | undefined;
    while (position !== undefined) {
      const stop = await stopped();
      if (stop) return stop;
      const { flats, next } = await store.scanFlats(update.filter, position, SCAN_BUDGET);
      const toChange = flats.filter(({ lines }) => !hasLines(lines, update.patch)).map(({ id }) => id);
      add(flats.length - toChange.length, 0);
      if (dryRun) add(toChange.length, toChange.length);
      for (let start = 0; start < toChange.length && !dryRun; start += CHUNK_SIZE) {
        const stop = await stopped();
        if (stop) return stop;
        const updates = toChange.slice(start, start + CHUNK_SIZE).map((id) => updateOfMatch(update, id));
        const outcomes = await store.amend(origin, updates, { changeSet });
        changeSet ??= outcomes.find(isWritten)?.change.changeSet;
        add(outcomes.filter((it) => hasMatched(update, it)).length, outcomes.filter(isWritten).length);
        await letOthersPass();
      }
      position = next;
      await letOthersPass();
    }
    return 'DONE';
  }

  try {
    return end(await walk(update));
  } catch (error) {
    const state = stateAfter(error);
    const ended = end(state);
    if (state === 'FAILED') throw error;
    return ended;
  }
}

/**
 * Leaves a turn of the event loop to others: requests that arrived during a commit are read in the next turn, and committed
 * at its end. Going on at once would add a chunk to each of their commits, which would take several times as long.
 */
async function letOthersPass(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** When the database itself is lost, so is what was counted as changed. */
function stateAfter(error: unknown): WhereProgress['state'] {
  if (!(error instanceof StorageError) || error.problem === 'lost') return 'FAILED';
  return error.problem === 'outcomeUnknown' ? 'OUTCOME_UNKNOWN' : 'STORAGE_BUSY';
}

const isWritten = (outcome: Outcome) => outcome.kind === 'written';

/** A flat that is kept either has the lines already, or no longer matches. */
const hasMatched = ({ filter }: UpdateWhere, outcome: Outcome): boolean =>
  outcome.kind === 'written' || (outcome.kind === 'kept' && hasLines(outcome.flat.lines, filter.lines));

import type { FlatOfSet, Origin } from '../domain/change.ts';
import { isSilent, sameLines } from '../domain/lines.ts';
import { type Invalid, isInvalid, refuseField } from '../domain/refusal.ts';
import { parseUndo, type UndoInput, updateBack } from '../domain/undo-changes.ts';
import type { Update } from '../domain/update-flat.ts';
import { ChangesPrunedError, type ScannedSet, type ThreadStore } from '../store/store.ts';
import { type Job, type JobCounts, type JobProgress, runJob } from './job.ts';

/** The most changes that one read scans. */
const SCAN_BUDGET = 1_000;
/** How many of the changes are reported because of which flats are left alone. */
const MAX_REPORTED = 20;

export interface UndoCounts extends JobCounts {
  /** Flats that are left alone, since something else has changed their lines after the set. */
  readonly changedSince: number;
  /** Flats that were deleted. */
  readonly gone: number;
  /** Changes of the set that are not of lines. */
  readonly notUndoable: number;
}

export type UndoResult = JobProgress<UndoCounts> & {
  /** The seqs of the first changes because of which flats are left alone. */
  readonly changedBy: readonly number[];
};

const NONE: UndoCounts = { matched: 0, changed: 0, leftSilent: 0, changedSince: 0, gone: 0, notUndoable: 0 };

/**
 * Sets the lines of the flats that a change set changed back to what they were before it, chunk by chunk. A flat that anything else has
 * changed since is left alone, also when that happens at this very moment: each update names the version that it was decided
 * on. The undo is a change set itself, which can be undone. A dry run does the same scan and writes nothing.
 */
export async function undoChanges(
  job: Job<UndoCounts>,
  origin: Origin,
  input: UndoInput,
  { dryRun }: { readonly dryRun: boolean },
): Promise<UndoResult | Invalid> {
  const undo = parseUndo(input);
  if (isInvalid(undo)) return undo;
  const { changeSet, reason } = undo;
  const refusal = await refuseSet(job.store, changeSet);
  if (refusal) return refusal;

  const changedBy: number[] = [];
  const result = await runJob(job, origin, NONE, async (run) => {
    let position: number | undefined = 0;
    while (position !== undefined) {
      const stop = await job.stopped();
      if (stop) return stop;
      const step: ScannedSet = await job.store.scanChangeSet(changeSet, position, SCAN_BUDGET);
      const gone = step.flats.filter((it) => !it.now);
      const since = step.flats.flatMap((it) => (it.now && it.changedSince !== undefined ? it.changedSince : []));
      changedBy.push(...since.slice(0, MAX_REPORTED - changedBy.length));
      const { length: matched } = step.flats;
      run.add({ matched, gone: gone.length, changedSince: since.length, notUndoable: step.others });
      const toChange = step.flats.filter(isToChange);
      if (dryRun) {
        const silent = toChange.filter((it) => isSilent(it.before));
        run.add({ changed: toChange.length, leftSilent: silent.length });
      } else {
        const stopped = await run.amend(updatesOf(toChange, reason), (outcomes) => {
          const refused = outcomes.flatMap((it) => (it.kind === 'refused' ? it.refusal.kind : []));
          const changedNow = refused.filter((it) => it === 'versionConflict').length;
          run.add({ changedSince: changedNow, gone: refused.length - changedNow });
        });
        if (stopped) return stopped;
      }
      position = step.next;
    }
    return 'DONE';
  });
  return { ...result, changedBy };
}

/** What the set did may have been taken back by itself, in a call that sets a flat twice. */
const isToChange = ({ before, changedSince, now }: FlatOfSet): boolean =>
  now !== undefined && changedSince === undefined && !sameLines(now.lines, before);

const updatesOf = (flats: readonly FlatOfSet[], reason: string | null): readonly Update[] =>
  flats.flatMap((it) => (it.now ? updateBack(it, it.now.version, reason) : []));

/** A set that never was, or of which changes were pruned, cannot be undone. */
async function refuseSet(store: ThreadStore, changeSet: number): Promise<Invalid | undefined> {
  const first = (await store.changesBySeq([changeSet])).get(changeSet);
  if (first) return first.changeSet === changeSet ? undefined : refuseField('changeSet', 'NOT_FOUND');
  try {
    await store.scanChangeSet(changeSet, 0, 1);
    return refuseField('changeSet', 'NOT_FOUND');
  } catch (error) {
    if (error instanceof ChangesPrunedError) return refuseField('changeSet', 'PRUNED');
    throw error;
  }
}

import type { Origin } from '../domain/change.ts';
import { hasLines, isSilent, patchLines } from '../domain/lines.ts';
import { type Invalid, isInvalid, refuseField } from '../domain/refusal.ts';
import {
  parseUpdateWhere,
  type UpdateWhere,
  type UpdateWhereInput,
  updateOfMatch,
} from '../domain/update-flats-where.ts';
import type { Outcome, ScannedFlats } from '../store/store.ts';
import { type Job, type JobCounts, type JobEnd, type JobProgress, type JobStop, letOthersPass, runJob } from './job.ts';

/** The most flats that one read scans: a millisecond or two of blocking. */
const SCAN_BUDGET = 1_000;

const NONE: JobCounts = { matched: 0, changed: 0, leftSilent: 0 };

type Flats = ScannedFlats['flats'];

/**
 * Sets the lines of all flats that match, chunk by chunk: what is committed stays, whatever follows. It scans by positions
 * that no update changes, so it meets each flat once, even if the filter asks for the very lines that it sets. A dry run
 * does the same scan and writes nothing. With `atMost` a scan comes first, and refuses what would change more flats; the job itself stops
 * before it would, too, when others have changed flats meanwhile.
 */
export async function updateFlatsWhere(
  job: Job<JobCounts>,
  origin: Origin,
  input: UpdateWhereInput,
  { dryRun }: { readonly dryRun: boolean },
): Promise<JobProgress<JobCounts> | Invalid> {
  const update = parseUpdateWhere(input);
  if (isInvalid(update)) return update;
  const { atMost = Number.MAX_SAFE_INTEGER, exceptFlatIds, filter, patch } = update;

  /** Hands over the flats that match, step by step, until something stops it. */
  async function scan<Stop>(visit: (kept: Flats, toChange: Flats) => Promise<Stop | undefined>) {
    let position: number | undefined = 0;
    while (position !== undefined) {
      const stop = await job.stopped();
      if (stop) return stop;
      const found: ScannedFlats = await job.store.scanFlats(filter, position, SCAN_BUDGET);
      const flats = found.flats.filter(({ id }) => !exceptFlatIds.has(id));
      const [kept, toChange] = [
        flats.filter((it) => hasLines(it.lines, patch)),
        flats.filter((it) => !hasLines(it.lines, patch)),
      ];
      const end = await visit(kept, toChange);
      if (end) return end;
      position = found.next;
      await letOthersPass();
    }
    return 'DONE';
  }

  async function isTooMuch(): Promise<JobStop | boolean> {
    let changes = 0;
    const end = await scan(async (_, toChange) => {
      changes += toChange.length;
      return changes > atMost ? 'AT_MOST' : undefined;
    });
    return end === 'STOPPED' || end === 'TOKEN_REVOKED' ? end : end === 'AT_MOST';
  }

  let isRefused = false;
  const result = await runJob(job, origin, NONE, async (run): Promise<JobEnd | JobStop> => {
    if (update.atMost !== undefined) {
      const tooMuch = await isTooMuch();
      if (typeof tooMuch === 'string') return tooMuch;
      isRefused = tooMuch;
      if (isRefused) return 'AT_MOST';
    }
    return scan<JobEnd | JobStop>(async (kept, toChange) => {
      run.add({ matched: kept.length });
      if (dryRun) {
        const silent = toChange.filter(({ lines }) => isSilent(patchLines(lines, patch)));
        run.add({ matched: toChange.length, changed: toChange.length, leftSilent: silent.length });
        return undefined;
      }
      const allowed = toChange.slice(0, atMost - run.counts().changed);
      const updates = allowed.map(({ id }) => updateOfMatch(update, id));
      const stop = await run.amend(updates, (outcomes) =>
        run.add({ matched: outcomes.filter((it) => hasMatched(update, it)).length }),
      );
      return stop ?? (allowed.length < toChange.length ? 'AT_MOST' : undefined);
    });
  });
  return isRefused ? refuseField('atMost', 'EXCEEDED') : result;
}

/** A flat that is kept either has the lines already, or no longer matches. */
const hasMatched = ({ filter }: UpdateWhere, outcome: Outcome): boolean =>
  outcome.kind === 'written' || (outcome.kind === 'kept' && hasLines(outcome.flat.lines, filter.lines));

import { setTimeout as sleep } from 'node:timers/promises';
import { CHANGE_KINDS } from '../domain/change.ts';
import type { Store } from '../store/store.ts';

/** Small enough that concurrent updates wait for some milliseconds only. */
const CHUNK_SIZE = 500;
/** The least pause between two chunks: a writer that found the lock taken tries again within it. */
const PAUSE_MS = 10;

/** The oldest rows of the change log, up to a position. */
export interface Prunable {
  readonly rows: number;
  readonly upTo: number;
}

/**
 * The part of the log, from its beginning, that is older than a moment; both moments in milliseconds since 1970. It ends
 * at the first row that is not old enough, so that no hole is left. A row of the future was written by a clock that was
 * ahead: it is as old as the next row that is not. The newest row always stays.
 */
export async function findPrunable(store: Store, before: number, now: number): Promise<Prunable> {
  const kinds = CHANGE_KINDS;
  const one = { limit: 1, fromEnd: false };
  const last = { limit: 1, fromEnd: true };
  const recent = (await store.listChanges({ kinds, from: before, to: now + 1 }, one)).rows[0]?.seq;
  const newest = (await store.listChanges({ kinds }, last)).rows[0]?.seq ?? 0;
  const end = Math.min(recent ?? newest, newest);
  const upTo = (await store.listChanges({ kinds, to: before }, { ...last, before: end })).rows[0]?.seq ?? 0;
  return { rows: await store.countChanges({ kinds }, upTo + 1), upTo };
}

/**
 * Deletes those rows from the change log in small commits, with pauses at least as long as the commits, so that others can
 * write meanwhile. Stops when the signal aborts; what is deleted stays deleted. Returns how many were deleted.
 */
export async function pruneChanges(
  store: Store,
  { upTo }: Prunable,
  signal: AbortSignal,
  report: (done: number) => void,
): Promise<number> {
  let done = 0;
  while (!signal.aborted) {
    const begun = performance.now();
    const count = await store.prune(upTo, CHUNK_SIZE);
    done += count;
    if (count < CHUNK_SIZE) break;
    report(done);
    await sleep(Math.max(PAUSE_MS, performance.now() - begun));
  }
  return done;
}

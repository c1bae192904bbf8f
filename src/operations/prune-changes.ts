import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';

/** Few enough that updates beside it wait for some milliseconds only. */
const CHUNK = 500;
/** The least pause between two chunks, in milliseconds: a writer that found the lock taken looks again within it. */
const PAUSE = 10;

/** The oldest rows of the log, up to a place. */
export interface Prunable {
  readonly rows: number;
  readonly upTo: number;
}

/** What is older than a moment, in milliseconds since 1970. The newest row is not: the log's time goes on from it. */
export async function findPrunable(store: Store, before: number): Promise<Prunable> {
  const last = { limit: 1, fromEnd: true };
  const newest = (await store.listChanges({}, last)).rows[0]?.seq ?? 0;
  const latest = (await store.listChanges({ to: before }, last)).rows[0]?.seq ?? 0;
  const rows = await store.countChanges({ to: before });
  return newest > 0 && latest === newest ? { rows: rows - 1, upTo: newest - 1 } : { rows, upTo: latest };
}

/**
 * Takes those rows out of the log in small commits, with pauses at least as long as the commits, so that others go on
 * writing meanwhile. Ends early when the signal aborts; what is out stays out. Returns how many were taken out.
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
    const count = await store.prune(upTo, CHUNK);
    done += count;
    if (count < CHUNK) break;
    report(done);
    await sleep(Math.max(PAUSE, performance.now() - begun));
  }
  return done;
}

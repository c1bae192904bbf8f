import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** The shortest pause. */
const MIN_PAUSE_MS = 3;
/** The event loop counts as calm when it is busy for no more than this share of a pause. */
const CALM_UTILIZATION = 0.5;

/**
 * Lets other requests go first: resolves once the event loop is calm, or after `longest` milliseconds at the latest. The
 * loop accepts one connection a turn, so a single turn between two pieces of long work would accept few.
 */
export async function giveWay(longest: number): Promise<void> {
  const deadline = performance.now() + longest;
  let before: ReturnType<typeof performance.eventLoopUtilization>;
  do {
    before = performance.eventLoopUtilization();
    await sleep(MIN_PAUSE_MS);
  } while (performance.eventLoopUtilization(before).utilization > CALM_UTILIZATION && performance.now() < deadline);
}

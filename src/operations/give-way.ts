import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** The shortest pause, in milliseconds. */
const MIN_PAUSE_MS = 3;
/** The share of a pause for which the event loop may work and yet counts as calm. */
const CALM_UTILIZATION = 0.5;

/**
 * Lets all others go first: resolves once the event loop is calm, or after so many milliseconds all the same. The loop
 * accepts one connection a turn, so a turn between two pieces of long work lets few of them in.
 */
export async function giveWay(longest: number): Promise<void> {
  const deadline = performance.now() + longest;
  let before: ReturnType<typeof performance.eventLoopUtilization>;
  do {
    before = performance.eventLoopUtilization();
    await sleep(MIN_PAUSE_MS);
  } while (performance.eventLoopUtilization(before).utilization > CALM_UTILIZATION && performance.now() < deadline);
}

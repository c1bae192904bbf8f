import type { Registry } from '@prometheus-io/client';
import { tallies } from './histograms.ts';

/** How often the event loop is checked, in milliseconds. */
const INTERVAL_MS = 10;

/** Seconds; timers are a millisecond late as a matter of course. */
const BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * A histogram of how late a timer fires. perf_hooks measures the same, but its counts cannot be read by buckets, and its
 * percentiles have to be emptied by whoever reads them.
 */
export function observeEventLoopDelay(registry: Registry): void {
  const { all } = tallies(
    registry,
    {
      name: 'intercom_flats_event_loop_delay_seconds',
      help: `How late the event loop was, checked every ${INTERVAL_MS} ms; while it is held up it is not checked.`,
      buckets: BUCKETS,
    },
    '',
    ['all'],
  );
  let checkedAt = performance.now();
  setInterval(() => {
    const now = performance.now();
    all.observe(Math.max(0, now - checkedAt - INTERVAL_MS) / 1e3);
    checkedAt = now;
  }, INTERVAL_MS).unref();
}

import { collectDefaultMetrics, Gauge, type Histogram, Registry } from '@prometheus-io/client';
import { createHistograms } from './histograms.ts';

/**
 * Series that come and go with open handles and are slow to count, and delays that include the timer's own interval.
 */
const LEFT_OUT = [
  ...['resources', 'handles', 'requests'].flatMap((it) => [`nodejs_active_${it}`, `nodejs_active_${it}_total`]),
  ...['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map((it) => `nodejs_eventloop_lag${it}_seconds`),
  ...['summary', 'histogram'].map((it) => `nodejs_eventloop_utilization_${it}`),
];
const GC_KINDS = ['major', 'minor', 'incremental', 'weakcb'];

/** Metrics of the process itself. It observes the process for good, so one registry serves all that the process runs. */
export function createProcessMetrics(version: string, instance: string): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const it of LEFT_OUT) registry.removeSingleMetric(it);
  const collections = registry.getSingleMetric('nodejs_gc_duration_seconds') as Histogram<'kind'>;
  for (const kind of GC_KINDS) collections.zero({ kind });
  observeEventLoopDelay(registry);
  new Gauge({
    name: 'intercom_flats_instance_info',
    help: 'The name of this instance: INSTANCE, or the name of its machine.',
    labelNames: ['name'],
    registers,
  }).set({ name: instance }, 1);
  new Gauge({
    name: 'intercom_flats_build_info',
    help: 'Which version runs, and on which Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  return registry;
}

/** How often the event loop is checked. */
const INTERVAL_MS = 10;

/** Seconds; timers are a millisecond late as a matter of course. */
const BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * A histogram of how late a timer fires. perf_hooks measures the same, but its counts cannot be read by buckets, and its
 * percentiles have to be emptied by whoever reads them.
 */
function observeEventLoopDelay(registry: Registry): void {
  const { all } = createHistograms(
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

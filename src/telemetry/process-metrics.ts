import { collectDefaultMetrics, Gauge, type Histogram, Registry } from '@prometheus-io/client';
import { observeEventLoopDelay } from './event-loop-delay.ts';

/** Series that come and go with what is open, and take long to count then; and delays that hold the timer's own time. */
const LEFT_OUT = [
  ...['resources', 'handles', 'requests'].flatMap((it) => [`nodejs_active_${it}`, `nodejs_active_${it}_total`]),
  ...['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map((it) => `nodejs_eventloop_lag${it}_seconds`),
  ...['summary', 'histogram'].map((it) => `nodejs_eventloop_utilization_${it}`),
];
const GC_KINDS = ['major', 'minor', 'incremental', 'weakcb'];

let registry: Registry | undefined;

/** What the process tells of itself; there is one of them, whatever else it runs. */
export function processMetrics(version: string): Registry {
  if (registry) return registry;
  registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const it of LEFT_OUT) registry.removeSingleMetric(it);
  const collections = registry.getSingleMetric('nodejs_gc_duration_seconds') as Histogram<'kind'>;
  for (const kind of GC_KINDS) collections.zero({ kind });
  observeEventLoopDelay(registry);
  new Gauge({
    name: 'intercom_flats_build_info',
    help: 'Which version runs, and on which Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  return registry;
}

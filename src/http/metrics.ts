import { Counter, Gauge, Registry } from '@prometheus-io/client';
import type { Commit, Store } from '../store/store.ts';
import type { Watcher } from './exchanges.ts';
import { processMetrics } from './process-metrics.ts';
import { DOORS, OUTCOMES } from './request-end.ts';
import { tallies } from './tallies.ts';

export const METRICS_PATH = '/metrics';

/** Seconds; from the quickest update to what any client has given up by. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COMMIT_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** What Prometheus reads. Every series there can be is there from the start: no label is a caller's own text. */
export interface Metrics extends Watcher {
  readonly commit: (commit: Commit) => void;
  /** From then on, the store is asked for what it alone knows. */
  watch(store: Pick<Store, 'changesHead' | 'waitingEdits'>): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const name = (short: string) => `intercom_flats_${short}`;
  const registers = [registry];
  let store: Pick<Store, 'changesHead' | 'waitingEdits'> | undefined;

  const counts = DOORS.map(() => OUTCOMES.map(() => 0));
  new Counter({
    name: name('requests_total'),
    help: 'Requests that are over, by door and by what became of them.',
    labelNames: ['door', 'outcome'],
    registers,
    collect() {
      this.reset();
      DOORS.forEach((door, d) => {
        OUTCOMES.forEach((outcome, o) => {
          this.inc({ door, outcome }, counts[d]?.[o] ?? 0);
        });
      });
    },
  });
  const durations = tallies(
    registry,
    {
      name: name('request_duration_seconds'),
      help: 'From the head of a request to the end of its answer; streams are left out.',
      buckets: REQUEST_BUCKETS,
    },
    'door',
    DOORS,
  );
  const tally = (short: string, help: string, buckets: readonly number[]) =>
    tallies(registry, { name: name(short), help, buckets }, '', ['all']).all;
  const batches = tally('commit_batch_size', 'Edits that shared one commit.', BATCH_BUCKETS);
  const commits = tally(
    'commit_duration_seconds',
    'From the begin of a transaction to its end on disk.',
    COMMIT_BUCKETS,
  );
  const syncs = tally(
    'commit_sync_seconds',
    'The COMMIT alone: writing to the WAL and waiting for the disk, and now and then the checkpoint that it begins.',
    COMMIT_BUCKETS,
  );
  const subscribers = new Gauge({ name: name('subscribers'), help: 'Open streams.', registers });
  new Gauge({
    name: name('waiting_edits'),
    help: 'Edits that wait for a commit.',
    registers,
    collect() {
      this.set(store?.waitingEdits() ?? 0);
    },
  });
  new Gauge({
    name: name('log_head'),
    help: 'The seq of the newest change in the log.',
    registers,
    async collect() {
      // A database that cannot be read leaves the number as it was.
      const head = await store?.changesHead().catch(() => undefined);
      if (head !== undefined) this.set(head);
    },
  });
  const ofProcess = processMetrics(version);

  return {
    request({ door, outcome, ms, isStream }) {
      const ofDoor = counts[DOORS.indexOf(door)] as number[];
      (ofDoor[OUTCOMES.indexOf(outcome)] as number)++;
      if (isStream) subscribers.dec();
      else durations[door].observe(ms / 1000);
    },
    stream: () => subscribers.inc(),
    commit({ edits, seconds, syncSeconds }) {
      batches.observe(edits);
      commits.observe(seconds);
      syncs.observe(syncSeconds);
    },
    watch(it) {
      store = it;
    },
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}${await ofProcess.metrics()}`,
  };
}

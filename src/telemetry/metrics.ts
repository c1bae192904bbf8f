import { Counter, Gauge, Registry } from '@prometheus-io/client';
import type { Commit, ServerUse, StorageUse, Store } from '../store/store.ts';
import { createHistograms } from './histograms.ts';
import { inTime } from './in-time.ts';
import { DOORS, OUTCOMES, type Watcher } from './request-end.ts';

export const METRICS_PATH = '/metrics';

/** Seconds; from the quickest update to what any client has given up by. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COMMIT_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
/** Seconds; as long as a write may wait for the lock of another process, and longer. */
const QUEUE_BUCKETS = [...COMMIT_BUCKETS, 2.5, 5, 10];
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** How long a scrape waits for what it reads from the store, all at once; Prometheus gives up after 10 s. */
const READ_TIMEOUT_MS = 1_500;

interface Watched {
  readonly store: Pick<Store, 'changesHead' | 'waitingEdits' | 'storageUse' | 'serverUse'>;
  readonly isReady: () => Promise<boolean>;
}

type Reads = Pick<Store, 'changesHead' | 'waitingEdits' | 'storageUse'> & Pick<Watched, 'isReady'>;

/**
 * The metrics that Prometheus scrapes. Every series exists from the start: no label holds text of a caller. A scrape changes
 * nothing, so any number of scrapers read the same.
 */
export interface Metrics extends Watcher {
  readonly commit: (commit: Commit) => void;
  /** Counts a write that is on disk, by how long it waited in the queue, in seconds. */
  readonly queueWait: (seconds: number) => void;
  /** From then on each scrape reads their gauges. */
  watch(watched: Watched): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** `ofProcess` has the metrics of the process itself. */
export function createMetrics(ofProcess: Registry): Metrics {
  const registry = new Registry();
  const name = (short: string) => `intercom_flats_${short}`;
  const registers = [registry];
  let watched: Reads | undefined;

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
  const durations = createHistograms(
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
    createHistograms(registry, { name: name(short), help, buckets }, '', ['all']).all;
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
  const queueWaits = tally(
    'queue_wait_seconds',
    'How long writes waited for their transaction to begin: for those before them, and for the lock of another process.',
    QUEUE_BUCKETS,
  );
  const subscribers = new Gauge({ name: name('subscribers'), help: 'Open streams.', registers });
  const gauge = (short: string, help: string, read: (watched: Reads) => Promise<number>) =>
    new Gauge({
      name: name(short),
      help,
      registers,
      async collect() {
        try {
          this.set(watched ? await read(watched) : 0);
        } catch {
          // A gauge that cannot be read must not prevent the others.
          this.set(Number.NaN);
        }
      },
    });
  gauge('waiting_edits', 'Edits that wait for a commit.', (it) => it.waitingEdits());
  gauge('log_head', 'The seq of the newest change in the log.', (it) => it.changesHead());
  gauge(
    'ready',
    '1 while a change can be stored, the database can be read and the service does not stop, else 0.',
    async (it) => {
      // Readiness waits for a failover as writes do; monitoring has to see at once that nothing answers.
      const [isReady, answers] = await Promise.all([it.isReady(), isRead(it.changesHead())]);
      return isReady && answers ? 1 : 0;
    },
  );
  const use = (part: keyof StorageUse) => async (it: Reads) => (await it.storageUse())[part];
  gauge('database_bytes', 'The size of the database file, without its write-ahead log.', use('database'));
  gauge('wal_bytes', 'The size of the write-ahead log.', use('wal'));
  gauge('disk_free_bytes', 'What is left for the service on the disk of the database.', use('free'));

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
    queueWait: queueWaits.observe,
    watch({ store, isReady }) {
      const { serverUse } = store;
      watched = {
        isReady,
        waitingEdits: shareRead(() => store.waitingEdits()),
        changesHead: shareRead(() => store.changesHead()),
        storageUse: shareRead(() => store.storageUse()),
      };
      if (serverUse) addServerGauges(registry, name, shareRead(serverUse));
    },
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}${await ofProcess.metrics()}`,
  };
}

const isRead = (reading: Promise<unknown>): Promise<boolean> =>
  reading.then(
    () => true,
    () => false,
  );

/** All who ask while it is read share one read, so that a database that does not answer is asked once; none waits for long. */
function shareRead<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return inTime(reading, READ_TIMEOUT_MS);
  };
}

/** What only a database with a server has. */
function addServerGauges(
  registry: Registry,
  name: (short: string) => string,
  serverUse: () => Promise<ServerUse>,
): void {
  const registers = [registry];
  const gauge = (
    short: string,
    help: string,
    labels: readonly string[],
    set: (it: Gauge<string>, use: ServerUse) => void,
  ) =>
    new Gauge<string>({
      name: name(short),
      help,
      labelNames: [...labels],
      registers,
      async collect() {
        try {
          set(this, await serverUse());
        } catch {
          this.reset();
          // The library would say 0, which is what a server without a standby has.
          if (labels.length === 0) this.set(Number.NaN);
        }
      },
    });
  gauge(
    'database_connections',
    'Connections for reads by state, and reads that wait for one.',
    ['state'],
    (it, use) => {
      for (const [state, count] of Object.entries(use.connections)) it.set({ state }, count);
    },
  );
  gauge('database_timeline', "The number of the server's history: each failover begins another.", [], (it, use) =>
    it.set(use.timeline),
  );
  gauge(
    'database_standbys',
    'Standbys that are connected; commits wait for the synchronous ones.',
    ['kind'],
    (it, use) => {
      for (const [kind, count] of Object.entries(use.standbys)) it.set({ kind }, count);
    },
  );
  gauge(
    'database_replay_lag_bytes',
    'What the last standby has not replayed; NaN without the right pg_monitor, 0 without a standby.',
    [],
    (it, use) => it.set(use.replayLag),
  );
}

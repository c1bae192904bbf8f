// The servers of the benchmark, with their disks: a primary, and a standby that its commits wait for once a part wants it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, childrenOf, query, startCluster } from '../../support/postgres.ts';
import { openPostgresStore } from '../../support/postgres-world.ts';
import { cpuTimes } from '../beside/process-use.ts';
import { fillStore } from '../database.ts';
import { requireLogged } from '../sides.ts';

/** As the example cluster of the service's own page has them, and memory for what the benchmark reads. */
const SETTINGS = {
  shared_buffers: "'1GB'",
  wal_compression: 'on',
  checkpoint_timeout: "'15min'",
  max_wal_size: "'4GB'",
  wal_keep_size: "'1GB'",
};
const FILLED = 'filled';

export interface Servers extends AsyncDisposable {
  readonly primary: Cluster;
  /** A database that is a copy of the filled one; `use` has its URL, and it is gone afterwards. */
  withCopy<T>(use: (url: string) => Promise<T>): Promise<T>;
  /** From now on commits wait for a standby. */
  addStandby(): Promise<void>;
  /** The CPU that the primary's processes have used, in milliseconds, by process. */
  cpu(): ReadonlyMap<number, number>;
}

export async function startServers(flats: number): Promise<Servers> {
  const primary = await startCluster({ name: 'first', fsync: true, settings: SETTINGS });
  let standby: Cluster | undefined;
  await primary.sql(`create database ${FILLED}`);
  {
    await using store = await openPostgresStore(primary.url(FILLED));
    await fillStore(store, 1, flats);
  }
  await primary.sql('vacuum analyze', FILLED);

  return {
    primary,
    async withCopy(use) {
      const name = `run_${Math.random().toString(36).slice(2)}`;
      await primary.sql(`create database ${name} template ${FILLED} strategy file_copy`);
      // Nobody's commits pay for the checkpoint that is due after it, and each page is whole in the log once for everybody.
      await primary.sql('checkpoint');
      try {
        return await use(primary.url(name));
      } finally {
        await primary.sql(`drop database ${name} with (force)`);
      }
    },
    async addStandby() {
      if (standby) return;
      standby = await startCluster({ standbyOf: primary, name: 'second', fsync: true, settings: SETTINGS });
      await primary.sql("alter system set synchronous_standby_names = 'second'");
      await primary.sql('select pg_reload_conf()');
      const isWaitedFor = async () =>
        (await primary.sql("select from pg_stat_replication where sync_state = 'sync'")).rows.length === 1;
      while (!(await isWaitedFor())) await sleep(50);
    },
    cpu: () => new Map([primary.pid(), ...childrenOf(primary.pid())].map((pid) => [pid, cpuMs(pid)])),
    async [Symbol.asyncDispose]() {
      await standby?.[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
    },
  };
}

function cpuMs(pid: number): number {
  try {
    return [...cpuTimes(pid).values()].reduce((sum, it) => sum + it.ms, 0);
  } catch {
    // A worker of the vacuum has ended meanwhile.
    return 0;
  }
}

/** Every update that was answered must be a row of the log, and the counts of line states must be right. */
export async function expectLogged(url: string, sent: number, unanswered = 0): Promise<void> {
  const { rows } = await query(
    url,
    `select (select count(*)::int from changes) logged, (select counts from change_log) counts,
      (select array_agg(n order by mask) from (
        select mask, count(flats.id) n from generate_series(0, 7) mask left join flats on lines = mask group by mask) real) real`,
  );
  const [{ logged, counts, real }] = rows;
  requireLogged(logged, sent, unanswered);
  if (String(counts) !== String(real)) throw new Error('the counts of line states are wrong');
}

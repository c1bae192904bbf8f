import { query } from '../../support/postgres.ts';
import { type Spawned, spawnNode } from '../../support/spawn.ts';
import { cpuTimes } from '../beside/process-use.ts';
import type { Figures } from '../contest.ts';
import { BULK } from '../database.ts';
import { type Job, type LoadResult, load } from '../load.ts';
import { type Side, startService, stop, urlOf } from '../sides.ts';
import { median } from '../table.ts';
import { expectLogged, type Servers } from './servers.ts';

/** The service as `npm start` runs it. */
export const SERVICE: Side = { name: 'service', start: (url) => startService(url) };

export interface Timing {
  readonly seconds: number;
  readonly warmup: number;
}

/** What a run of a side has come to, with the mean number of updates that the service has put into a transaction. */
export interface Measured extends Figures {
  readonly batch: number;
}

/** One run of a side, with so many instances that share the load, each with flats of its own. */
export async function measure(
  servers: Servers,
  side: Side,
  job: Pick<Job, 'work' | 'flats' | 'connections'> & Timing,
  instances = 1,
): Promise<Measured> {
  return servers.withCopy(async (database) => {
    const started: Spawned[] = [];
    try {
      for (let i = 0; i < instances; i++) started.push(side.start(database));
      const urls = await Promise.all(started.map(urlOf));
      const share = job.flats / instances;
      const cpu: Cpu[] = [];
      const onClock = () => cpu.push({ side: sum(started.map(cpuOf)), server: servers.cpu() });
      const results = await Promise.all(
        urls.map((url, i) => {
          const own = { ...job, url, connections: job.connections / instances, flats: share, first: 1 + i * share };
          return load(own, i === 0 ? onClock : undefined);
        }),
      );
      for (const it of started) await stop(it);
      const each = job.work === 'bulk' ? BULK : 1;
      const isWrite = !job.work.startsWith('page');
      const sent = isWrite ? sum(results.map((it) => it.sent)) * each : 0;
      await expectLogged(database, sent, isWrite ? sum(results.map((it) => it.unanswered)) * each : 0);
      const { rows } = await query(database, 'select sum(batch)::int batches from writers');
      return { ...figuresOf(results, each, cpu), batch: sent / rows[0].batches };
    } catch (error) {
      throw new Error(`${side.name}: ${(error as Error).message}`);
    } finally {
      for (const it of started) await it[Symbol.asyncDispose]();
    }
  });
}

interface Cpu {
  readonly side: number;
  readonly server: ReadonlyMap<number, number>;
}

function figuresOf(results: readonly LoadResult[], each: number, [before, after]: readonly Cpu[]): Figures {
  if (!before || !after) throw new Error('the clock of the load did not start and stop');
  const answers = sum(results.map((it) => it.answered)) * each;
  const serverMs = sum([...after.server].map(([pid, ms]) => ms - (before.server.get(pid) ?? 0)));
  return {
    perSecond: sum(results.map((it) => it.perSecond)) * each,
    p50: median(results.map((it) => it.p50)),
    p99: Math.max(...results.map((it) => it.p99)),
    costs: {
      'CPU of side, us': ((after.side - before.side) * 1e3) / answers,
      'of PostgreSQL, us': (serverMs * 1e3) / answers,
    },
  };
}

const cpuOf = (it: Spawned): number => sum([...cpuTimes(it.child.pid as number).values()].map(({ ms }) => ms));

export const sum = (values: readonly number[]): number => values.reduce((total, it) => total + it, 0);

/** The driver in a loop, so many updates in a transaction. */
export const measureLoop = (servers: Servers, flats: number, batch: number, { seconds, warmup }: Timing) =>
  servers.withCopy(async (database): Promise<Figures> => {
    const args = [database, flats, batch, warmup, seconds].map(String);
    await using child = spawnNode('test/bench/postgres/raw-loop.ts', args, {});
    const { code, stdout, stderr } = await child.exit;
    if (code !== 0) throw new Error(`pg in a loop: ${stderr}`);
    const { perSecond, updates } = JSON.parse(stdout);
    await expectLogged(database, updates);
    return { perSecond };
  });

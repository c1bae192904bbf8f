import { spawnSync } from 'node:child_process';
import { renameSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { itNeeds, itOnFile } from '../support/it-needs.ts';
import { rawClient } from '../support/raw-client.ts';
import { subscribe } from '../support/sse.ts';
import { BUILDING, STORE, start } from '../support/start.ts';
import { until } from '../support/until.ts';

/** Every series with its value. */
async function scrape(url: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const series = text.split('\n').filter((it) => it !== '' && !it.startsWith('#'));
  return new Map(series.map((it) => [it.replace(/ [^ ]+$/, ''), Number(it.split(' ').at(-1))]));
}

describe('/metrics', () => {
  it('is open to this machine, also once there are tokens, and to a token from elsewhere', async () => {
    await using world = await start();
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${world.url}/metrics`, { headers });
      await response.arrayBuffer();
      return [response.status, response.headers.get('content-type')];
    };
    const text = 'text/plain; version=0.0.4; charset=utf-8';
    expect(await status({})).toEqual([200, text]);
    expect(await status({ 'x-forwarded-for': '192.0.2.1' })).toEqual([403, 'application/json']);
    const header = await world.bearer('read');
    expect(await status({})).toEqual([200, text]);
    expect(await status({ 'x-forwarded-for': '192.0.2.1' })).toEqual([401, 'application/json']);
    expect(await status({ 'x-forwarded-for': '192.0.2.1', ...header })).toEqual([200, text]);
    expect(await status({ authorization: 'Bearer nonsense' })).toEqual([401, 'application/json']);
    expect((await fetch(`${world.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('counts requests, commits, streams and changes', async () => {
    await using world = await start({ flats: BUILDING });
    const before = await scrape(world.url);
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    await world.patch({ flat_id: 99 });
    await world.gql(
      'mutation { updateIntercomFlats(updates: [{ flatId: 1, isAnalogLineAvailable: true }, { flatId: 2, isAnalogLineAvailable: false }]) { __typename } }',
    );
    const stream = await subscribe(world.url, 'subscription { intercomFlatChanged { flatId } }');
    await until(() => world.requests.length === 3);
    const after = await scrape(world.url);
    const grown = (name: string) => {
      const full = `intercom_flats_${name}`;
      return (after.get(full) as number) - (before.get(full) as number);
    };
    // A refused update leaves PostgreSQL nothing to commit.
    const commits = STORE === 'postgres' ? 2 : 3;
    const counts = {
      'requests_total{door="rest",outcome="ok"}': 1,
      'requests_total{door="rest",outcome="refused"}': 1,
      'requests_total{door="graphql",outcome="ok"}': 1,
      'requests_total{door="metrics",outcome="ok"}': 1,
      'request_duration_seconds_count{door="rest"}': 2,
      'request_duration_seconds_bucket{le="+Inf",door="graphql"}': 1,
      commit_batch_size_count: commits,
      commit_batch_size_sum: commits + 1,
      commit_duration_seconds_count: commits,
      commit_sync_seconds_count: commits,
      queue_wait_seconds_count: 3,
      subscribers: 1,
      waiting_edits: 0,
      log_head: 3,
    };
    expect(Object.fromEntries(Object.keys(counts).map((it) => [it, grown(it)]))).toEqual(counts);
    expect(grown('commit_sync_seconds_sum')).toBeGreaterThan(0);
    expect(grown('commit_sync_seconds_sum')).toBeLessThan(grown('commit_duration_seconds_sum'));
    expect(after.get(`intercom_flats_build_info{version="0.0.0",node="${process.versions.node}"}`)).toBe(1);
    stream.close();
    await until(async () => (await scrape(world.url)).get('intercom_flats_subscribers') === 0);
  });

  itOnFile(
    'knows the sizes of the database and of its log, the room on the disk, and whether the service is ready',
    async () => {
      await using world = await start({ flats: BUILDING });
      const { bavail, bsize } = statfsSync(dirname(world.file));
      const series = await scrape(world.url);
      const value = (name: string) => series.get(`intercom_flats_${name}`) as number;
      expect([value('ready'), value('database_bytes')]).toEqual([1, statSync(world.file).size]);
      // The check that the service is ready writes, and others use the disk.
      expect(Math.abs(value('wal_bytes') - statSync(`${world.file}-wal`).size)).toBeLessThan(20_000);
      expect(value('wal_bytes')).toBeGreaterThan(100_000);
      expect(Math.abs(value('disk_free_bytes') / (bavail * bsize) - 1)).toBeLessThan(0.5);
    },
  );

  itOnFile('is readable while the database is gone, and says that the service is not ready', async () => {
    await using world = await start({ flats: BUILDING });
    expect((await scrape(world.url)).get('intercom_flats_ready')).toBe(1);
    renameSync(world.file, `${world.file}.moved`);
    await until(async () => (await scrape(world.url)).get('intercom_flats_ready') === 0);
    expect((await scrape(world.url)).get('intercom_flats_database_bytes')).toBe(0);
  });

  it('says how long writes waited, for the lock of another process too', async () => {
    await using world = await start({ flats: BUILDING, lockTimeoutMs: 1_000_000 });
    const before = await scrape(world.url);
    const lock = await world.lock();
    const answer = world.patch({ flat_id: 1, is_analog_line_available: false });
    await until(async () => (await scrape(world.url)).get('intercom_flats_waiting_edits') === 1);
    const waitingSince = performance.now();
    await until(() => performance.now() - waitingSince > 100);
    await lock[Symbol.asyncDispose]();
    expect((await answer).status).toBe(200);
    const after = await scrape(world.url);
    const grown = (name: string) => (after.get(name) as number) - (before.get(name) as number);
    // There the transaction has begun, and it is the one that waits.
    if (STORE === 'postgres') return expect(grown('intercom_flats_commit_duration_seconds_sum')).toBeGreaterThan(0.1);
    expect(grown('intercom_flats_queue_wait_seconds_bucket{le="0.1"}')).toBe(0);
    expect(grown('intercom_flats_queue_wait_seconds_bucket{le="+Inf"}')).toBe(1);
    expect(grown('intercom_flats_queue_wait_seconds_sum')).toBeGreaterThan(0.1);
  });

  it('says how late the event loop was, to every scraper alike', async () => {
    await using world = await start();
    const delays = async () => {
      const all = [...(await scrape(world.url))].filter(([name]) => name.includes('event_loop_delay'));
      return all.map(([, value]) => value);
    };
    const slow = 'intercom_flats_event_loop_delay_seconds_bucket{le="0.25"}';
    const all = 'intercom_flats_event_loop_delay_seconds_bucket{le="+Inf"}';
    const lateOnes = async () => {
      const series = await scrape(world.url);
      return (series.get(all) as number) - (series.get(slow) as number);
    };
    const before = await lateOnes();
    const heldUpUntil = performance.now() + 400;
    while (performance.now() < heldUpUntil);
    await until(async () => (await lateOnes()) > before);
    // What one scraper has read is there for the next one: no count ever becomes less.
    const first = await delays();
    const second = await delays();
    expect(second.filter((it, i) => it < (first[i] as number))).toEqual([]);
    expect(second).toHaveLength(15);
  });

  itNeeds('promtool', 'prometheus')('passes the check of Prometheus', async () => {
    await using world = await start({ flats: BUILDING });
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    const input = await (await fetch(`${world.url}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('has the same series whatever is asked: 10,000 names of operations, paths, methods and tokens add none', async () => {
    await using world = await start({ flats: BUILDING });
    const before = await scrape(world.url);
    let asked = 0;
    const METHODS = ['GET', 'PUT', 'DELETE', 'PURGE', 'PROPFIND', 'OPTIONS', 'PATCH'];
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        using client = rawClient(world.url, true, 'Content-Type: application/json\r\n');
        while (asked < 10_000) {
          const i = asked++;
          const name = `o${Math.random().toString(36).slice(2)}`;
          if (i % 4 === 1) await client.send(METHODS[i % METHODS.length] as string, `/${name}`, '');
          else if (i % 4 === 2) await client.send('PATCH', REST_PATH, `{"${name}":"${name}"}`);
          else
            await client.send(
              'POST',
              '/graphql',
              `{"query":"query ${name} { ${i % 8 ? '' : name} __typename }","operationName":"${name}"}`,
            );
        }
      }),
    );
    const after = await scrape(world.url);
    expect([...after.keys()]).toEqual([...before.keys()]);
    const total = [...after].reduce((sum, [name, value]) => sum + (name.includes('requests_total') ? value : 0), 0);
    expect(total).toBe(10_001);
  });
});

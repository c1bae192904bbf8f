// The second half of `npm run bench`: what reading costs and what followers cost. Pages beside a peer on the same file;
// a page at the end of a long list beside the first one; how long a change takes to reach those who follow everything;
// and what a thousand followers of one intercom each take from the throughput of updates, and of memory.
import { execFileSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { FLATS_PER_INTERCOM, placeFlats } from './database.ts';
import { feedDelays } from './feed-delays.ts';
import { type Follower, follow } from './follow.ts';
import { load } from './load.ts';
import { type Side, service, setUpPeers, stop, urlOf } from './sides.ts';
import { fixed, median, table, whole } from './table.ts';

const SMALL = 100_000;
const LARGE = 1_000_000;
const FOLLOWERS = 1_000;
const MAX_FOLLOWER_KB = 15;
const FEED_FOLLOWERS = 10;

/** The figures as a table; `quick` is one short round, to see that it works. */
export async function reading(quick: boolean): Promise<string> {
  const [rounds, seconds, warmup] = quick ? [1, 2, 1] : [3, 6, 3];

  await using folder = await tempFolder();
  const [small, large] = [folder.file('small.db'), folder.file('large.db')];
  const peers = await setUpPeers(folder.path);
  await placeFlats(small, 1, SMALL);
  await copyFile(small, large);
  await placeFlats(large, SMALL + 1, LARGE, 10);

  const pages = await comparePages();
  const places = await comparePlaces();
  const delay = await feedDelay();
  const few = { ...(await followers(large, LARGE)), share: 0.85 };
  const many = { ...(await followers(small, SMALL)), share: 0.67 };
  const met = (yes: boolean) => (yes ? 'yes' : 'no');
  return table(
    ['what', 'target', 'reached', 'met'],
    [
      ['page of 100, service, pages/s', '', whole(pages.ours.rate), ''],
      ['page of 100, Mercurius with loaders, pages/s', '', whole(pages.theirs.rate), ''],
      [
        'page of 100, throughput, service / Mercurius',
        '>= 1.20',
        fixed(pages.ours.rate / pages.theirs.rate),
        met(pages.ours.rate >= 1.2 * pages.theirs.rate),
      ],
      [
        'page of 100, p99, service / Mercurius',
        '<= 1.00',
        fixed(pages.ours.p99 / pages.theirs.p99),
        met(pages.ours.p99 <= pages.theirs.p99),
      ],
      [`page at the end of ${whole(LARGE)} flats / first page, p50`, '<= 1.20', fixed(places), met(places <= 1.2)],
      [
        `commit to ${FEED_FOLLOWERS} followers of everything at 1,000 updates/s, p99 ms`,
        '<= 20.00',
        fixed(delay),
        met(delay <= 20),
      ],
      ...[few, many].flatMap(({ flats, share, without, beside, memory }) => [
        [`updates/s without followers, ${whole(flats)} flats`, '', whole(without), ''],
        [
          `updates/s beside ${whole(FOLLOWERS)} followers, ${fixed((100 * FOLLOWERS * FLATS_PER_INTERCOM) / flats)}% of updates followed`,
          `>= ${fixed(share)} of it`,
          `${whole(beside)} (${fixed(beside / without)})`,
          met(beside >= share * without),
        ],
        [
          `memory of ${whole(FOLLOWERS)} followers, KB each`,
          `<= ${MAX_FOLLOWER_KB}`,
          whole(memory),
          met(memory <= MAX_FOLLOWER_KB),
        ],
      ]),
    ],
  );

  async function comparePages() {
    const sides = { ours: service('service: pages'), theirs: peers.mercuriusLists };
    const results: Record<keyof typeof sides, { perSecond: number; p99: number }[]> = { ours: [], theirs: [] };
    const run = async (name: keyof typeof sides, side: Side) => {
      process.stderr.write(`${side.name}\n`);
      const job = { work: 'page', flats: SMALL, connections: 32, warmup, seconds } as const;
      await using server = side.start(small);
      results[name].push(await load({ ...job, url: await urlOf(server) }));
    };
    for (let round = 0; round < rounds; round++) {
      const order = Object.entries(sides) as [keyof typeof sides, Side][];
      for (const [name, side] of round % 2 === 0 ? order : order.toReversed()) await run(name, side);
    }
    const of = (name: keyof typeof sides) => ({
      rate: median(results[name].map((it) => it.perSecond)),
      p99: median(results[name].map((it) => it.p99)),
    });
    return { ours: of('ours'), theirs: of('theirs') };
  }

  /** How the time of a page at the end compares with that of the first one. */
  async function comparePlaces(): Promise<number> {
    process.stderr.write('pages at both ends\n');
    await using server = service('service').start(large);
    const url = await urlOf(server);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ intercomFlats(last: 101) { edges { cursor } } }' }),
    });
    const after = (await response.json()).data.intercomFlats.edges[0].cursor;
    const job = { url, work: 'pageAfter', flats: LARGE, connections: 1, warmup, seconds } as const;
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const first = await load(job);
      const last = await load({ ...job, after });
      ratios.push(last.p50 / first.p50);
    }
    return median(ratios);
  }

  async function feedDelay(): Promise<number> {
    process.stderr.write('delay of the feed\n');
    const file = folder.file('feed.db');
    await copyFile(small, file);
    await using server = service('service').start(file);
    const url = await urlOf(server);
    const [p99] = await feedDelays({
      updates: url,
      followed: [url],
      followers: FEED_FOLLOWERS,
      flats: SMALL,
      warmup,
      seconds,
    });
    return p99 as number;
  }

  /** Updates with and without a thousand followers, each of one intercom, and what a follower takes of memory. */
  async function followers(database: string, flats: number) {
    const without: number[] = [];
    const beside: number[] = [];
    const memory: number[] = [];
    const job = { work: 'rest', flats, connections: 32, warmup, seconds } as const;
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`followers, ${whole(flats)} flats, round ${round + 1}\n`);
      const file = folder.file('followed.db');
      await copyFile(database, file);
      await using server = service('service').start(file);
      const url = await urlOf(server);
      // Both halves on the same server, and the first one only once the compiler is done.
      const alone = await load({ ...job, url, warmup: 3 * warmup });
      without.push(alone.perSecond);
      const [{ head }] = rows(file, 'select max(seq) head from changes') as [{ head: number }];
      const before = residentKb(server.child.pid);
      const query = 'subscription ($id: ID) { intercomFlatChanged(intercomId: $id) { cursor } }';
      const step = flats / FLATS_PER_INTERCOM / FOLLOWERS;
      const streams: Follower[] = [];
      for (let i = 0; i < FOLLOWERS; i++) streams.push(await follow(url, query, { id: 1 + i * step }));
      memory.push((residentKb(server.child.pid) - before) / FOLLOWERS);
      beside.push((await load({ ...job, url, sent: alone.sent })).perSecond);
      const followed = rows(
        file,
        `select intercom_id, count(*) count from changes where seq > ${head} group by intercom_id`,
      ) as { intercom_id: number; count: number }[];
      const counts = new Map(followed.map((it) => [it.intercom_id, it.count]));
      const missed = () => streams.filter((stream, i) => stream.count() !== (counts.get(1 + i * step) ?? 0)).length;
      for (let waited = 0; missed() > 0 && waited < 100; waited++) await sleep(50);
      if (missed() > 0) throw new Error(`${missed()} followers did not get their changes once each`);
      for (const stream of streams) stream.close();
      await stop(server);
    }
    return { flats, without: median(without), beside: median(beside), memory: median(memory) };
  }

  function residentKb(pid: number | undefined): number {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
  }
}

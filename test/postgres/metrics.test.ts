import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/domain/caller.ts';
import { createToken, revokeToken } from '../../src/operations/tokens.ts';
import { type Cluster, POSTGRES_BIN, startCluster } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { spawnServer } from '../support/spawn.ts';
import { until } from '../support/until.ts';

const BUSY = {
  status: 503,
  retryAfter: '5',
  body: { message: 'The storage is busy, so nothing was stored; try again shortly.' },
};
const INVALID = { status: 401, retryAfter: null, body: { message: 'The token is not valid.' } };
/** What comes through a proxy does not come from this machine. */
const FORWARDED = { 'x-forwarded-for': '192.0.2.1' };
/** Half of what Prometheus waits for. */
const SCRAPE_MS = 5_000;
/** As long as load balancers wait. */
const CHECK_MS = 3_000;

/** How a server goes away, and comes back. */
const WAYS = [
  { way: 'was killed', begin: (it: Cluster) => it.kill(), end: (it: Cluster) => it.start() },
  {
    way: 'is frozen',
    begin: (it: Cluster) => it.signal('SIGSTOP'),
    end: async (it: Cluster) => it.signal('SIGCONT'),
  },
];

type Headers = Record<string, string>;

/** Its time is what it takes longer than an answer at the same time that needs no database: a busy machine delays both. */
async function ask(url: string, path: string, init: RequestInit) {
  const began = performance.now();
  const timed = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, init);
    return { response, text: await response.text(), ms: performance.now() - began };
  };
  const [{ response, text, ms }, live] = await Promise.all([timed(path, init), timed('/health/live')]);
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text, ms: ms - live.ms };
}

/** The series of a scrape, or how it was refused. */
async function scrape(url: string, headers: Headers = {}) {
  const { status, retryAfter, text, ms } = await ask(url, '/metrics', { headers });
  if (status !== 200) return { status, retryAfter, body: JSON.parse(text) };
  expect(ms).toBeLessThan(SCRAPE_MS);
  const lines = text.split('\n').filter((it) => it !== '' && !it.startsWith('#'));
  return new Map(lines.map((it) => [it.replace(/ [^ ]+$/, ''), Number(it.split(' ').at(-1))]));
}

/** What a scrape says of the database and of the rest, or how it was refused. */
async function stateOf(url: string, headers: Headers = {}) {
  const found = await scrape(url, headers);
  if (!(found instanceof Map)) return found;
  const value = (name: string) => found.get(`intercom_flats_${name}`);
  return {
    ready: value('ready'),
    head: value('log_head'),
    bytes: Number.isNaN(value('database_bytes')) ? Number.NaN : 'some',
    timeline: value('database_timeline'),
    lag: value('database_replay_lag_bytes'),
    connections: value('database_connections{state="waiting"}'),
    answers: value('requests_total{door="rest",outcome="ok"}'),
    hasProcess: (found.get('process_resident_memory_bytes') as number) > 0 && (value('waiting_edits') as number) >= 0,
  };
}

const OF_PROCESS = { answers: 0, hasProcess: true };
const WELL = { ready: 1, head: 0, bytes: 'some', timeline: 1, lag: 0, connections: 0, ...OF_PROCESS };
const AWAY = {
  ...{ ready: 0, head: Number.NaN, bytes: Number.NaN, timeline: Number.NaN, lag: Number.NaN },
  ...{ connections: undefined, ...OF_PROCESS },
};

/** On a slow machine the first read of the database, which connects, may take longer than a scrape waits for it. */
const untilWell = (url: string, headers?: Headers) =>
  until(async () => isDeepStrictEqual(await stateOf(url, headers), WELL), 100);

async function isReady(url: string): Promise<boolean> {
  const { status, text, ms } = await ask(url, '/health/ready', {});
  expect(ms).toBeLessThan(CHECK_MS);
  expect([status, text]).toEqual(status === 200 ? [200, '{"status":"ok"}'] : [503, '{"status":"unavailable"}']);
  return status === 200;
}

describe.skipIf(POSTGRES_BIN === undefined)('while PostgreSQL', { concurrent: true }, () => {
  it.each(WAYS)('$way, known scrapers get the metrics within seconds, and nobody else gets anything', async (it) => {
    await using cluster = await startCluster();
    await using server = await spawnServer('', { DATABASE_URL: cluster.url() });
    const { url } = server;
    const store = await openPostgresStore(cluster.url());
    const bearer = async (name: string, scope: Scope, expiresAt: number | null = null) => {
      const created = await createToken(store, name, scope, expiresAt);
      return { authorization: `Bearer ${created.kind === 'created' && created.token}` };
    };
    const known = await bearer('prometheus', 'read');
    const unseen = await bearer('unseen', 'admin');
    const seenElsewhere = await bearer('elsewhere', 'admin');
    const askElsewhere = (headers: Headers) =>
      ask(url, '/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"query":"{ caller { actor } }"}',
      });
    expect(JSON.parse((await askElsewhere(seenElsewhere)).text)).toEqual({ data: { caller: { actor: 'elsewhere' } } });
    await untilWell(url, { ...known, ...FORWARDED });
    await untilWell(url);
    const revoked = await bearer('revoked', 'read');
    await until(async () => !('status' in (await stateOf(url, revoked))));
    await revokeToken(store, 'revoked');
    await until(async () => 'status' in (await stateOf(url, revoked)));
    // It lives until it was seen, however slow the machine is.
    let [short, expiresAt] = [{}, 0];
    for (let lifeMs = 5_000; Date.now() >= expiresAt; lifeMs *= 2) {
      expiresAt = Date.now() + lifeMs;
      short = await bearer(`short ${lifeMs}`, 'read', expiresAt);
      await until(async () => !('status' in (await stateOf(url, short))) || Date.now() >= expiresAt);
    }
    await store[Symbol.asyncDispose]();

    it.begin(cluster);
    // What was read of the tokens is valid for 250 ms.
    await sleep(300);
    const elsewhere = askElsewhere(known);
    const strangers = [unseen, seenElsewhere, revoked, { authorization: `Bearer ifl_${'x'.repeat(43)}` }, FORWARDED];
    const refused = Promise.all(strangers.map((headers) => stateOf(url, headers)));
    const served = [known, { ...known, ...FORWARDED }, {}];
    expect(await Promise.all(served.map((headers) => stateOf(url, headers)))).toEqual([AWAY, AWAY, AWAY]);
    await until(async () => 'status' in (await stateOf(url, short)), 100);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    expect(await stateOf(url, short)).toEqual(BUSY);
    await until(async () => !(await isReady(url)), 100);
    expect(await refused).toEqual(strangers.map(() => BUSY));
    // Elsewhere a token that cannot be looked up is not accepted.
    expect(await elsewhere).toMatchObject({ status: 503, text: expect.stringContaining('"code":"STORAGE_BUSY"') });

    await it.end(cluster);
    await until(() => isReady(url), 100);
    await untilWell(url, known);
    {
      await using store = await openPostgresStore(cluster.url());
      expect(await revokeToken(store, 'prometheus')).toEqual({ kind: 'revoked', last: false });
    }
    await until(async () => 'status' in (await stateOf(url, known)), 100);
    expect(await stateOf(url, known)).toEqual(INVALID);
  });
});

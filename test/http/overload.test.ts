import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import { beside, nobodyHeldUp } from '../support/beside.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';
import { type TempDatabase, tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

const OVERLOADED = {
  message: 'The service is overloaded by other requests, so nothing was done; try again shortly.',
  extensions: { code: 'OVERLOADED' },
};
const TEXTS = '{ changes(first: 500) { edges { node { reason actor } } } }';
/** As much as one document may ask for. */
const LARGEST = `{ ${Array.from({ length: 22 }, (_, i) => `a${i}: ${TEXTS.slice(2, -2)}`).join(' ')} }`;

it('large bodies are refused while too much of others is kept; small ones never are', async () => {
  await using world = await start({ flats: BUILDING, limits: { ...DEFAULT_LIMITS, bodiesKept: 1_000_000 } });
  const query = JSON.stringify({ query: '{ changesHead }', variables: { x: 'x'.repeat(800_000) } });
  const headers = { 'content-type': 'application/json', 'content-length': query.length, expect: '100-continue' };
  const slow = request(`${world.url}/graphql`, { method: 'POST', headers });
  await once(slow, 'continue');
  await new Promise((resolve) => slow.write(query.slice(0, -1), resolve));
  // Another one of this size does not fit once all of that has come.
  await until(async () => {
    const { status, headers, text } = await post(world.url, query);
    if (status === 200) return false;
    expect([status, headers.get('retry-after'), JSON.parse(text)]).toEqual([503, '1', { errors: [OVERLOADED] }]);
    return true;
  });
  expect((await world.patch({ flat_id: 1, is_analog_line_available: false, x: 'x'.repeat(60_000) })).status).toBe(200);
  slow.end(query.slice(-1));
  expect((await once(slow, 'response'))[0].statusCode).toBe(200);
  slow.destroy();
  await until(async () => (await post(world.url, query)).status === 200);
  expect(world.faults).toEqual([]);
});

/** A database of which the largest answers have 11 MB. */
async function fillReasons(database: TempDatabase): Promise<void> {
  await using store = await database.open();
  await store.importRows(TESTER, BUILDING);
  const of = (i: number) => ({
    ...{ ref: { by: 'id', flatId: 1 } as const, patch: { analog: i % 2 === 1 } },
    ...{ acceptedVersions: undefined, reason: 'я'.repeat(500) },
  });
  await store.amend(
    { actor: 'x', channel: 'GRAPHQL' },
    Array.from({ length: 500 }, (_, i) => of(i)),
  );
}

const rawPost = (json: string) =>
  `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;

it('large answers are refused while too much of others is not taken; small ones never are', async () => {
  await using database = await tempDatabase();
  await fillReasons(database);
  // A client that takes nothing is cut after that.
  const patient = { READER_TIMEOUT: '3600' };
  await using server = await spawnServer('', { ...database.env, ...patient, MAX_ANSWERS_KEPT: '12000000' });
  const large = JSON.stringify({ query: LARGEST });
  const lazy = connect(Number(new URL(server.url).port), '127.0.0.1', () => lazy.write(rawPost(large)));
  await once(lazy, 'readable');
  const { status, headers, text } = await post(server.url, large);
  expect([status, headers.get('retry-after'), JSON.parse(text)]).toEqual([503, '1', { errors: [OVERLOADED] }]);
  expect((await post(server.url, JSON.stringify({ query: '{ changesHead }' }))).status).toBe(200);
  expect((await post(server.url, JSON.stringify({ query: '{ changes(first: 2) { totalCount } }' }))).status).toBe(200);
  lazy.destroy();
  await until(async () => (await post(server.url, large)).status === 200);
});

it('a write is refused before it is done', async () => {
  await using world = await start({ flats: BUILDING, limits: { ...DEFAULT_LIMITS, answersKept: 2_000 } });
  const bulk = `mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) {
    ... on UpdateIntercomFlatSuccess { intercomFlat { flatId version intercom { title } } } } }`;
  const updates = Array.from({ length: 100 }, () => ({ flatId: 1, isAnalogLineAvailable: false }));
  expect(await world.gql(bulk, { updates })).toEqual({ status: 503, errors: [OVERLOADED] });
  expect(await world.gql('{ changesHead }')).toMatchObject({ status: 200, data: { changesHead: expect.any(String) } });
  expect(world.requests.map((it) => JSON.parse(it).outcome)).toEqual(['busy', 'ok']);
  expect((await world.patch({ flat_id: 1 })).headers.get('etag')).toBe('"1"');
});

it('twenty clients that ask for the largest answers, and take none, hold nobody up', async () => {
  await using database = await tempDatabase();
  await fillReasons(database);
  await using server = await spawnServer('', database.env);
  // A service that has just started is slow at everything it does for the first time.
  expect((await post(server.url, JSON.stringify({ query: LARGEST }))).status).toBe(200);
  const { port } = new URL(server.url);
  const json = JSON.stringify({ query: LARGEST });
  const asks = rawPost(json);
  const sockets = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  const met = await beside(server.url, server.child.pid, () => {
    for (const socket of sockets) socket.write(asks.repeat(30));
    return pause(3_000);
  });
  for (const socket of sockets) socket.destroy();
  expect(met).toEqual(nobodyHeldUp());
});

it('a subscription keeps no room for as long as it lasts', async () => {
  await using world = await start({ flats: BUILDING, limits: { answersKept: 2_000 } });
  const wide = `subscription { intercomFlatChanged { ${Array.from({ length: 40 }, (_, i) => `a${i}: reason`).join(' ')} } }`;
  const stream = await subscribe(world.url, wide);
  await world.patch({ flat_id: 1, is_analog_line_available: false });
  expect((await take(stream, 1))[0]).toHaveProperty('data');
  stream.close();
});

it('a long alias weighs for each row that repeats it', async () => {
  await using world = await start({ flats: BUILDING });
  const alias = 'a'.repeat(50_000);
  const { status, errors } = await world.gql(`{ intercoms(first: 500) { edges { node { ${alias}: id } } } }`);
  expect([status, errors]).toEqual([
    400,
    [{ message: expect.stringContaining('up to 251011 fields'), extensions: { code: 'LIMIT_EXCEEDED' } }],
  ]);
});

async function post(url: string, body: string) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { rawHttp } from '../support/raw-http.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

/** The lines of the log for requests, once there are so many, without what differs from run to run. */
async function lines(world: World, count: number): Promise<object[]> {
  await until(() => world.requests.length >= count);
  return world.requests.map((line) => {
    const { time, pid, hostname, requestId, ms, level, msg, ...told } = JSON.parse(line);
    expect([level, msg, pid]).toEqual([30, 'request', process.pid]);
    expect([time > 0, hostname !== '', requestId !== '', ms >= 0]).toEqual([true, true, true, true]);
    return told;
  });
}

/** Of what is refused the line says where it came from. */
const HERE = { address: '127.0.0.1' };

describe('every request has one line in the log', () => {
  it.each<[string, (world: World) => Promise<unknown>, object]>([
    [
      'an update',
      (it) => it.patch({ flat_id: 1 }),
      { door: 'rest', actor: 'local', method: 'PATCH', status: 200, outcome: 'ok' },
    ],
    [
      'an update that the rules refuse',
      (it) => it.patch({ flat_id: 99 }),
      { door: 'rest', actor: 'local', method: 'PATCH', status: 422, outcome: 'refused', ...HERE },
    ],
    [
      'an update of another version',
      (it) => it.patch({ flat_id: 1 }, { 'if-match': '"7"' }),
      { door: 'rest', actor: 'local', method: 'PATCH', status: 412, outcome: 'refused', ...HERE },
    ],
    [
      'a read',
      (it) => fetch(`${it.url}${REST_PATH}?flat_id=1`),
      { door: 'rest', actor: 'local', method: 'GET', status: 200, outcome: 'ok' },
    ],
    [
      'a read of what is not there',
      (it) => fetch(`${it.url}${REST_PATH}?flat_id=99&user=anna`),
      { door: 'rest', actor: 'local', method: 'GET', status: 422, outcome: 'refused', ...HERE },
    ],
    [
      'another method',
      (it) => fetch(it.url + REST_PATH, { method: 'PUT' }),
      { door: 'rest', actor: 'local', method: 'PUT', status: 405, outcome: 'invalid', ...HERE },
    ],
    [
      'a path that nobody knows',
      (it) => fetch(`${it.url}/api/flats/KEY-1001?user=anna`),
      { door: 'other', actor: 'local', method: 'GET', status: 404, outcome: 'invalid', ...HERE },
    ],
    [
      'a request that some proxy handed on',
      (it) => it.patch({}, { via: '1.1 proxy' }),
      { door: 'rest', actor: 'nobody', method: 'PATCH', status: 403, outcome: 'denied', ...HERE },
    ],
    [
      'a token that is none',
      (it) => it.gql('{ changesHead }', {}, { authorization: 'Bearer nonsense' }),
      { door: 'graphql', actor: 'nobody', method: 'POST', status: 401, outcome: 'denied', ...HERE },
    ],
    [
      'a query, named by its fields',
      (it) => it.gql('query Secret { anna: changesHead lineStatistics { flats } }'),
      {
        ...{ door: 'graphql', actor: 'local', method: 'POST', status: 200, outcome: 'ok' },
        operation: 'query changesHead lineStatistics',
      },
    ],
    [
      'a query by GET',
      (it) => fetch(`${it.url}/graphql?query=%7BchangesHead%7D`),
      {
        ...{ door: 'graphql', actor: 'local', method: 'GET', status: 200, outcome: 'ok' },
        operation: 'query changesHead',
      },
    ],
    [
      'a document that does not fit, whatever its status',
      (it) => it.gql('{ nothing }'),
      { door: 'graphql', actor: 'local', method: 'POST', status: 200, outcome: 'invalid', ...HERE },
    ],
    [
      'a variable that does not fit',
      (it) => it.gql('query ($id: ID!) { intercomFlat(by: { flatId: $id }) { flatId } }', { id: [] }),
      {
        ...{ door: 'graphql', actor: 'local', method: 'POST', status: 200, outcome: 'invalid', ...HERE },
        operation: 'query intercomFlat',
      },
    ],
    [
      'GraphiQL',
      async (it) => (await fetch(`${it.url}/graphql`, { headers: { accept: 'text/html' } })).arrayBuffer(),
      { door: 'graphql', actor: 'local', method: 'GET', status: 200, outcome: 'ok' },
    ],
    [
      'bytes that are no request',
      (it) => rawHttp(it.url, 'NONSENSE\r\n\r\n'),
      { door: 'other', actor: 'nobody', method: '', status: 400, outcome: 'invalid' },
    ],
    [
      'a body that breaks off into nonsense',
      (it) =>
        rawHttp(it.url, `PATCH ${REST_PATH} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`),
      { door: 'rest', actor: 'local', method: 'PATCH', status: 400, outcome: 'invalid', ...HERE },
    ],
  ])('%s', async (_, ask, line) => {
    await using world = await start({ flats: BUILDING });
    // Who calls is known at once only while it is known whether there are tokens.
    Object.assign(world.store, { hasToken: async () => false });
    await ask(world);
    expect(await lines(world, 1)).toEqual([line]);
  });

  it('one whose caller leaves, too', async () => {
    await using world = await start();
    const { port } = new URL(world.url);
    const socket = connect(Number(port), '127.0.0.1');
    // Whoever is invited to send the body is known.
    socket.write(
      `PATCH ${REST_PATH} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect(await lines(world, 1)).toEqual([{ door: 'rest', actor: 'local', method: 'PATCH', outcome: 'left' }]);
  });

  it('a token by its name, and a fault beside what went wrong', async () => {
    await using world = await start({ flats: BUILDING });
    const header = await world.bearer('write', 'billing');
    await world.run('drop table keys');
    await world.patch({ flat_id: 1 }, { ...header, 'x-request-id': 'call-7' });
    expect(await lines(world, 1)).toMatchObject([{ door: 'rest', status: 500, outcome: 'fault' }]);
    expect(world.faults.map((it) => JSON.parse(it))).toMatchObject([{ level: 50, requestId: 'call-7', msg: 'fault' }]);
  });

  it('a stream when it ends, for as long as it was followed', async () => {
    await using world = await start({ flats: BUILDING });
    const stream = await subscribe(
      world.url,
      'subscription { intercomFlatChanged { flatId } }',
      {},
      { 'x-request-id': 's' },
    );
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    await take(stream, 1);
    expect((await lines(world, 1)).map((it) => (it as { door: string }).door)).toEqual(['rest']);
    stream.close();
    expect((await lines(world, 2))[1]).toEqual({
      ...{ door: 'graphql', actor: 'local', method: 'POST', status: 200, outcome: 'ok', stream: true },
      operation: 'subscription intercomFlatChanged',
    });
    expect([stream.headers.get('x-request-id'), JSON.parse(world.requests[1] as string).requestId]).toEqual(['s', 's']);
  });
});

describe('the id of a request', () => {
  it.each([
    ['a', 'a'],
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), undefined],
    ['a b', undefined],
    ['"', undefined],
    ['é', undefined],
    ['', undefined],
  ])("%j is the answer's and the log's, unless it is no plain one", async (given, expected) => {
    await using world = await start();
    const { headers } = await world.patch({}, { 'x-request-id': given });
    await lines(world, 1);
    const answered = headers.get('x-request-id');
    expect(JSON.parse(world.requests[0] as string).requestId).toBe(answered);
    expect(answered).toEqual(expected ?? expect.stringMatching(/^[0-9a-f]{12}-[0-9a-z]+$/));
  });

  it.each<[string, (url: string) => Promise<Response>]>([
    ['an unknown path', (url) => fetch(`${url}/x`, { headers: { 'x-request-id': 'id' } })],
    ['a health check', (url) => fetch(`${url}/health/live`, { headers: { 'x-request-id': 'id' } })],
    ['GraphiQL', (url) => fetch(`${url}/graphql`, { headers: { 'x-request-id': 'id', accept: 'text/html' } })],
    ['a bad document', (url) => fetch(`${url}/graphql?query=%7B`, { headers: { 'x-request-id': 'id' } })],
    ['a denial', (url) => fetch(`${url}/graphql`, { headers: { 'x-request-id': 'id', via: 'x' } })],
  ])('comes back with %s', async (_, ask) => {
    await using world = await start();
    const response = await ask(world.url);
    await response.arrayBuffer();
    expect(response.headers.get('x-request-id')).toBe('id');
  });

  it('is a new one for bytes that are no request', async () => {
    await using world = await start();
    const answer = await rawHttp(world.url, 'NONSENSE\r\n\r\n');
    const id = /^x-request-id: (.+)\r$/im.exec(answer)?.[1];
    expect(JSON.parse(world.requests[0] as string).requestId).toBe(id);
  });
});

it('keeps tokens, and what requests hold of people, out of the log', async () => {
  await using world = await start({ flats: BUILDING });
  const canary = 'CANARY1';
  const mutation = `mutation ${canary}($keys: [String!]!) { attachKeys(input: { flatId: 99, keys: $keys }) { __typename } }`;
  await world.gql(mutation, { keys: [canary] });
  await world.gql(`{ intercomFlats(filter: { keyCode: "${canary}", userLogin: 5 }) { totalCount } }`);
  await world.gql(`{ ${canary} }`);
  await world.patch({ flat_id: canary, [canary]: canary });
  await world.patch(`{"flat_id": ${canary}`, { 'x-forwarded-for': canary, 'user-agent': canary });
  await world.patch({}, { authorization: `Bearer ${canary}` });
  await fetch(`${world.url}/${canary}?${canary}`);
  await rawHttp(world.url, `${canary} / HTTP/1.1\r\n${canary}\r\n\r\n`);
  await world.run('drop table keys');
  await world.gql(mutation, { keys: [canary] });
  await world.patch({ flat_id: 1, [canary]: canary });
  await until(() => world.requests.length === 10);
  expect(world.faults.length).toBeGreaterThan(0);
  expect([...world.requests, ...world.faults, ...world.told].filter((it) => it.includes(canary))).toEqual([]);
});

it('says where a refused request came from when a trusted proxy hands it on', async () => {
  await using world = await start({ flats: BUILDING, trustedProxies: ['127.0.0.1'] });
  await world.bearer('read');
  await world.patch({ flat_id: 99 }, { 'x-forwarded-for': '2001:DB8::7, 127.0.0.1' });
  await world.patch({ flat_id: 99 });
  expect((await lines(world, 2)).map((it) => (it as { address?: string }).address)).toEqual(['2001:db8::7', undefined]);
});

it('has no line for health checks and scrapes that are answered, and one for those that are denied', async () => {
  await using world = await start({ flats: BUILDING });
  for (const path of ['/health/live', '/health/ready', '/metrics']) await fetch(world.url + path);
  await fetch(`${world.url}/metrics`, { headers: { via: '1.1 proxy' } });
  expect(await lines(world, 1)).toEqual([
    { door: 'metrics', actor: 'nobody', method: 'GET', status: 403, outcome: 'denied', ...HERE },
  ]);
});

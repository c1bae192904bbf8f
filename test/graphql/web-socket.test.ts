import { once } from 'node:events';
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { describe, expect, it, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { revokeToken } from '../../src/operations/tokens.ts';
import { BUILDING, type StartOptions, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';
import { initSocket, openSocket, PROTOCOL, socketUrl, subscribing } from '../support/web-socket.ts';

const FOLLOW = 'subscription ($after: String) { intercomFlatChanged(after: $after) { flatId } }';
const SET = (flatId: number, analog: boolean) =>
  `mutation { updateIntercomFlat(input: { flatId: ${flatId}, isAnalogLineAvailable: ${analog} }) { __typename } }`;
const changed = (flatId: number) => ({ data: { intercomFlatChanged: { flatId: String(flatId) } } });
const cursor = ({ store }: World, seq: number) => formatCursor({ epoch: store.epoch, seq });

describe('a client of graphql-ws', () => {
  it('reads, writes and follows over one socket, as the caller of its token', async () => {
    await using world = await start({ flats: BUILDING });
    const connectionParams = { Authorization: (await world.bearer('write')).authorization };
    const client = createClient({ url: socketUrl(world.url), webSocketImpl: WebSocket, connectionParams, lazy: false });
    const ask = async (query: string) => (await client.iterate({ query }).next()).value;
    expect(await ask('{ intercomFlat(by: { flatId: 1 }) { flat } }')).toEqual({ data: { intercomFlat: { flat: 10 } } });
    expect(await ask(SET(1, false))).toEqual({
      data: { updateIntercomFlat: { __typename: 'UpdateIntercomFlatSuccess' } },
    });
    const changes = client.iterate({ query: FOLLOW, variables: { after: cursor(world, 0) } });
    expect((await changes.next()).value).toEqual(changed(1));
    await ask(SET(2, false));
    expect((await changes.next()).value).toEqual(changed(2));
    expect(await ask('{ changes { edges { node { actor } } } }')).toEqual({
      data: { changes: { edges: [{ node: { actor: 'write' } }, { node: { actor: 'write' } }] } },
    });
    await client.dispose();
    await until(() => world.requests.length === 7);
    expect(world.faults).toEqual([]);
  });

  it("may be Apollo's link", async () => {
    await using world = await start({ flats: BUILDING });
    const client = createClient({ url: socketUrl(world.url), webSocketImpl: WebSocket });
    const apollo = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(client) });
    const flats: unknown[] = [];
    const subscription = apollo
      .subscribe({ query: gql(FOLLOW), variables: { after: cursor(world, 0) } })
      .subscribe(({ data }) => void flats.push(data));
    await apollo.mutate({ mutation: gql(SET(1, false)) });
    await until(() => flats.length === 1);
    expect(flats).toEqual([{ intercomFlatChanged: { __typename: 'LinesChange', flatId: '1' } }]);
    const wrong = apollo.query({ query: gql('{ nothing }') });
    await expect(wrong).rejects.toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    subscription.unsubscribe();
    apollo.stop();
    await client.dispose();
  });

  it('gets errors of what was not executed as errors, and refusals and faults of a field as a result', async () => {
    await using world = await start({ flats: BUILDING });
    using client = await initSocket(world.url);
    const first = async (id: string, query: string, variables?: object) => {
      client.send(subscribing(id, query, variables));
      await until(() => client.messages.some((it) => it.id === id));
      return client.messages.filter((it) => it.id === id);
    };
    const error = (id: string, message: string, code: string, more = {}) => [
      { id, type: 'error', payload: [{ message, extensions: { code }, ...more }] },
    ];
    const locations = [{ line: 1, column: 3 }];
    expect(await first('a', '{ nothing }')).toEqual(
      error('a', 'Cannot query field "nothing" on type "Query".', 'GRAPHQL_VALIDATION_FAILED', { locations }),
    );
    expect(await first('b', '{')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] },
    ]);
    expect(await first('c', 'query A { changesHead } query B { changesHead }')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }] },
    ]);
    expect(await first('d', FOLLOW, { after: 'x' })).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    expect(await first('e', 'query ($id: ID!) { intercomFlat(by: { flatId: $id }) { flat } }')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    client.send({ id: 'f', type: 'subscribe', payload: { query: '{ changesHead }', more: 1 } });
    expect(await client.of('f', 1)).toEqual(
      error('f', 'Unexpected parameter "more" in the request body.', 'BAD_REQUEST'),
    );
    const refused = await first(
      'g',
      'mutation { updateIntercomFlat(input: {}) { ... on ValidationError { __typename } } }',
    );
    expect(refused).toEqual([
      { id: 'g', type: 'next', payload: { data: { updateIntercomFlat: { __typename: 'ValidationError' } } } },
      { id: 'g', type: 'complete' },
    ]);
    expect((await first('h', '{ a: changesHead intercoms(first: -1) { totalCount } }'))[0]).toMatchObject({
      type: 'next',
      payload: { data: { intercoms: null }, errors: [{ path: ['intercoms'] }] },
    });
    // An id is free again once its operation is over.
    expect((await first('i', '{ __typename }'))[0]).toMatchObject({ type: 'next' });
    client.send(subscribing('i', '{ __typename }'));
    await client.of('i', 4);
  });

  it('needs the scope of what it asks for', async () => {
    await using world = await start({ flats: BUILDING });
    using client = await initSocket(world.url, await world.bearer('read'));
    client.send(subscribing('a', SET(1, false)));
    expect(await client.of('a', 1)).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] },
    ]);
    expect(await world.store.changesHead()).toBe(0);
  });

  it('is refused a hash that is not the one of its document', async () => {
    await using world = await start({ flats: BUILDING });
    using client = await initSocket(world.url);
    const sha256Hash = '0'.repeat(64);
    client.send({
      id: 'a',
      type: 'subscribe',
      payload: { query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash } } },
    });
    expect(await client.of('a', 1)).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });
});

/** Tries a handshake: the status of its refusal and its message, or 101. */
async function handshake(
  world: World,
  headers: Record<string, string>,
  protocol: string | string[] = PROTOCOL,
  path = '/graphql',
) {
  const socket = new WebSocket(world.url.replace('http', 'ws') + path, protocol, { headers } as ClientOptions);
  socket.on('error', () => {});
  const answer = Promise.withResolvers<[number, string?]>();
  socket.on('unexpected-response', async (_, response) => {
    const body = (await response.toArray()).join('');
    const { message, errors } = JSON.parse(body);
    answer.resolve([response.statusCode ?? 0, message ?? errors?.[0].message]);
  });
  socket.on('open', () => answer.resolve([101]));
  const result = await answer.promise;
  socket.terminate();
  return result;
}

describe('a handshake', () => {
  const refused = [403, expect.stringContaining('CORS_ORIGINS')];

  it('is refused to pages of other origins, before anything else', async () => {
    await using world = await start({ corsOrigins: ['https://dashboard.example'] });
    const { host, port } = new URL(world.url);
    for (const origin of [
      'https://evil.example',
      'null',
      '',
      `http://${host}.evil.example`,
      'http://127.0.0.1',
      `ws://${host}`,
    ]) {
      expect([origin, ...(await handshake(world, { origin }))]).toEqual([origin, ...refused]);
    }
    for (const origin of ['https://dashboard.example', `http://${host}`, `https://${host}`]) {
      expect([origin, ...(await handshake(world, { origin }))]).toEqual([origin, 101]);
    }
    expect(await handshake(world, {})).toEqual([101]);
    expect(await handshake(world, { host: `localhost:${port}`, origin: `http://localhost:${port}` })).toEqual([101]);
    // Without a token, who is asked by another name is not local, even where page and name agree.
    const rebound = await handshake(world, { host: 'evil.example', origin: 'http://evil.example' });
    expect(rebound).toEqual([403, expect.stringContaining('only requests from this machine')]);
    const bearer = await world.bearer('read');
    expect(await handshake(world, { host: 'flats.example', origin: 'https://flats.example', ...bearer })).toEqual([
      101,
    ]);
    expect(await handshake(world, { host: 'flats.example:443', origin: 'https://flats.example' })).toEqual([101]);
    expect(await handshake(world, { host: 'flats.example', origin: 'https://evil.example', ...bearer })).toEqual(
      refused,
    );
  });

  it('needs no token, which may come later, but no other one', async () => {
    await using world = await start();
    expect(await handshake(world, { 'x-forwarded-for': '10.1.2.3' })).toEqual([403, expect.any(String)]);
    const bearer = await world.bearer('read');
    expect(await handshake(world, bearer)).toEqual([101]);
    expect(await handshake(world, {})).toEqual([101]);
    expect(await handshake(world, { authorization: 'Bearer nonsense' })).toEqual([401, expect.any(String)]);
  });

  it('names the protocol that is spoken', async () => {
    await using world = await start();
    const message =
      'This is not the handshake of a WebSocket (RFC 6455, version 13) with the header Sec-WebSocket-Protocol: graphql-transport-ws.';
    expect(await handshake(world, {}, 'graphql-ws')).toEqual([400, message]);
    expect(await handshake(world, {}, [])).toEqual([400, message]);
    expect((await handshake(world, {}, PROTOCOL, '/elsewhere'))[0]).toBe(404);
    expect((await handshake(world, {}, PROTOCOL, '/health/live'))[0]).toBe(200);
    expect(world.faults).toEqual([]);
  });
});

describe('connection_init', () => {
  const closedBy = async (world: World, ...messages: (object | string)[]) => {
    using client = await openSocket(world.url);
    for (const it of messages) client.socket.send(typeof it === 'string' ? it : JSON.stringify(it));
    return await client.closed;
  };
  const INIT = { type: 'connection_init' };

  it('has to bring a token that is good, or come from this machine while there is none', async () => {
    await using world = await start();
    {
      using client = await initSocket(world.url);
      expect(client.messages).toEqual([{ type: 'connection_ack' }]);
    }
    const noTokenYet = { ...INIT, payload: { authorization: 'Bearer nonsense' } };
    expect((await closedBy(world, noTokenYet))[0]).toBe(4401);
    const { authorization } = await world.bearer('read');
    expect(await closedBy(world, INIT)).toEqual([
      4401,
      'UNAUTHENTICATED: A token is required: send it as "Authorization: Bearer TOKEN".',
    ]);
    for (const payload of [
      { Authorization: 'Bearer nonsense' },
      { authorization: 'Basic x' },
      { token: authorization },
      { authorization: 1 },
    ]) {
      expect((await closedBy(world, { ...INIT, payload }))[0]).toBe(4401);
    }
    for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
      using client = await initSocket(world.url, { [name]: authorization });
      expect(client.messages).toEqual([{ type: 'connection_ack' }]);
    }
    // Clients that are no browsers may send it with the handshake.
    using client = await openSocket(world.url, { headers: { authorization } });
    client.send(INIT);
    await until(() => client.messages.length === 1);
  });

  it('has to come in time, first, and once', async () => {
    await using world = await start();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    using client = await openSocket(world.url);
    const [expire] = timers.mock.calls.find(([, ms]) => ms === 10_000) ?? [];
    timers.mockRestore();
    expire?.();
    expect(await client.closed).toEqual([4408, 'No connection_init came in time.']);
    expect((await closedBy(world, INIT, INIT))[0]).toBe(4429);
    expect((await closedBy(world, subscribing('a', '{ __typename }')))[0]).toBe(4401);
  });

  it.each([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no type', '{}'],
    ['another type', '{"type":"start","id":"1"}'],
    ['what only a server sends', '{"type":"connection_ack"}'],
    ['no query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['too many values', `{"type":"ping","payload":{"a":[${'0,'.repeat(50_000)}0]}}`],
  ])('and every other message is checked: %s', async (_, text) => {
    await using world = await start();
    using client = await initSocket(world.url);
    client.socket.send(text);
    expect(await client.closed).toEqual([4400, expect.any(String)]);
    expect(world.faults).toEqual([]);
  });

  it('may be followed by messages of up to the size of a body', async () => {
    await using world = await start({ limits: { graphqlBody: 200_000 } });
    const large = (size: number) => ({ type: 'ping', payload: { a: 'x'.repeat(size) } });
    expect((await closedBy(world, large(100_000)))[0]).toBe(1009);
    using client = await initSocket(world.url);
    client.send(large(199_900));
    await until(() => client.messages.some((it) => it.type === 'pong'));
    client.send(large(200_000));
    expect((await client.closed)[0]).toBe(1009);
  });
});

const PAGE = '{ intercoms(first: 2) { edges { node { flats(first: 2) { edges { node { flat } } } } } } }';

describe('operations of a socket', () => {
  it('are answered one at a time in their order, beside subscriptions', async () => {
    await using world = await start({ flats: BUILDING });
    using client = await initSocket(world.url);
    client.send(
      subscribing('s', FOLLOW),
      ...Array.from({ length: 50 }, (_, i) => subscribing(String(i), i % 2 === 0 ? SET(1, i % 4 === 0) : PAGE)),
      subscribing('late', FOLLOW),
    );
    await client.of('49', 2);
    const nexts = client.messages.flatMap(({ type, id }) =>
      type === 'next' && /^\d+$/.test(id ?? '') ? [Number(id)] : [],
    );
    expect(nexts).toEqual(Array.from({ length: 50 }, (_, i) => i));
    await client.of('s', 24);
  });

  it('end when the client says so or leaves: a job stops, and a stream makes room', async () => {
    const flats = Array.from({ length: 3_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} }));
    await using world = await start({ flats, limits: { streamsPerCaller: 1 } });
    const job = (analog: boolean) =>
      subscribing(
        'job',
        `mutation { updateIntercomFlatsWhere(input: { all: true, isAnalogLineAvailable: ${analog} }) { __typename } }`,
      );
    using client = await initSocket(world.url);
    client.send(job(false));
    await until(async () => (await world.store.changesHead()) > 0);
    client.send({ type: 'complete', id: 'job' }, subscribing('next', '{ __typename }'));
    await client.of('next', 2);
    const stoppedAt = await world.store.changesHead();
    expect(stoppedAt).toBeLessThan(3_000);
    expect(client.messages.filter((it) => it.id === 'job')).toEqual([]);

    const after = cursor(world, stoppedAt);
    client.send(
      subscribing('s', FOLLOW, { after }),
      { type: 'complete', id: 's' },
      subscribing('t', FOLLOW, { after }),
    );
    await world.patch({ flat_id: 3_000, is_smartphone_sip_line_available: false });
    expect(await client.of('t', 1)).toEqual([{ id: 't', type: 'next', payload: changed(3_000) }]);

    using other = await initSocket(world.url);
    other.send(subscribing('u', FOLLOW));
    expect(await other.of('u', 1)).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'TOO_MANY_STREAMS' } }] },
    ]);
    other.send(job(true));
    const head = await world.store.changesHead();
    await until(async () => (await world.store.changesHead()) > head);
    other.socket.terminate();
    client.socket.terminate();
    await until(() => world.requests.filter((it) => it.includes('"outcome":"left"')).length === 2);
    expect(await world.store.changesHead()).toBeLessThan(head + 3_000);
    expect(world.faults).toEqual([]);
  });

  it('may be long, in whatever order a client writes them', async () => {
    await using world = await start({ flats: BUILDING });
    using client = await initSocket(world.url);
    const query = `{ changesHead }${' '.repeat(5_000)}`;
    const done = (id: string) => [
      { id, type: 'next', payload: { data: { changesHead: cursor(world, 0) } } },
      { id, type: 'complete' },
    ];
    client.send({ id: 'a', type: 'subscribe', payload: { query } }, { payload: { query }, type: 'subscribe', id: 'b' });
    client.send({ id: 'ä', type: 'subscribe', payload: { query, variables: { a: '}' } } });
    client.socket.send(`{"id":"d","type":"subscribe","payload":{"query":"${query}"}} `);
    for (const id of ['a', 'b', 'ä', 'd']) expect(await client.of(id, 2)).toEqual(done(id));
    client.socket.send(`{"id":"e","type":"subscribe","payload":{"query":"${query}"},"id":"f"}`);
    client.socket.send(`{"id":"g","type":"subscribe","payload":{${query}}}`);
    for (const id of ['e', 'g']) {
      expect(await client.of(id, 1)).toMatchObject([
        { type: 'error', payload: [{ extensions: { code: 'BAD_REQUEST' } }] },
      ]);
    }
    expect(await client.of('f', 0)).toEqual([]);
  });

  it('have ids of their own', async () => {
    await using world = await start();
    using client = await initSocket(world.url);
    client.send(subscribing('a', FOLLOW), subscribing('a', FOLLOW));
    expect((await client.closed)[0]).toBe(4409);
    using other = await initSocket(world.url);
    other.send(subscribing('a'.repeat(257), FOLLOW));
    expect((await other.closed)[0]).toBe(4400);
    using third = await initSocket(world.url);
    third.send(subscribing('"}\n', '{ __typename }'), subscribing('__proto__', '{ __typename }'));
    await third.of('"}\n', 2);
    await third.of('__proto__', 2);
  });

  it('are logged and counted like requests', async () => {
    await using world = await start({ flats: BUILDING });
    const bearer = await world.bearer('write');
    using client = await initSocket(world.url, bearer);
    client.send(subscribing('a', SET(1, false)), subscribing('b', '{ nothing }'), subscribing('s', FOLLOW));
    await client.of('b', 1);
    const metrics = async () => (await fetch(`${world.url}/metrics`)).text();
    await until(async () => /subscribers 1\n/.test(await metrics()));
    client.socket.close();
    await until(async () => /subscribers 0\n/.test(await metrics()));
    const lines = world.requests
      .map((line) => JSON.parse(line))
      .filter(({ door }) => door === 'graphql')
      .map(({ actor, method, operation, status, outcome, stream, address }) => [
        actor,
        method,
        operation,
        status,
        outcome,
        stream,
        address,
      ]);
    expect(lines).toEqual([
      ['nobody', 'GET', undefined, 101, 'ok', undefined, undefined],
      ['write', 'WS', 'connection_init', 200, 'ok', undefined, undefined],
      ['write', 'WS', 'mutation updateIntercomFlat', 200, 'ok', undefined, undefined],
      ['write', 'WS', undefined, 400, 'invalid', undefined, '127.0.0.1'],
      ['write', 'WS', 'subscription intercomFlatChanged', 200, 'ok', true, undefined],
    ]);
  });

  it('count in the limits of their callers', async () => {
    await using world = await start({ flats: BUILDING, limits: { perToken: 3, failedAuthentications: 2 } });
    using client = await initSocket(world.url, await world.bearer('read'));
    for (const id of ['a', 'b', 'c']) client.send(subscribing(id, '{ __typename }'));
    await client.of('b', 2);
    expect(await client.of('c', 1)).toEqual([
      {
        id: 'c',
        type: 'error',
        payload: [
          {
            message: expect.stringContaining('at most 3 a minute'),
            extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) },
          },
        ],
      },
    ]);
    const wrong = async () => {
      using other = await openSocket(world.url);
      other.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } });
      return (await other.closed)[0];
    };
    expect([await wrong(), await wrong(), await wrong()]).toEqual([4401, 4401, 1013]);
  });
});

describe('a socket is closed', () => {
  const open = async (options: StartOptions = {}) => {
    const world = await start({ flats: BUILDING, ...options });
    await world.bearer('admin', 'stays');
    const client = await initSocket(world.url, await world.bearer('write', 'leaver'));
    return { world, client };
  };

  it('when its token is revoked, with streams or without', async () => {
    const { world, client } = await open();
    await using _ = world;
    using other = await initSocket(world.url, await world.bearer('write', 'other'));
    client.send(subscribing('s', FOLLOW));
    await revokeToken(world.store, 'leaver');
    expect((await client.closed)[0]).toBe(4401);
    expect(client.messages.length).toBe(1);
    // At once where something is asked for.
    await revokeToken(world.store, 'other');
    other.send(subscribing('a', SET(1, false)));
    expect((await other.closed)[0]).toBe(4401);
    expect(await world.store.changesHead()).toBe(0);
  });

  it('when there is a token, where it was one of this machine', async () => {
    await using world = await start();
    using client = await initSocket(world.url);
    await world.bearer('read');
    expect((await client.closed)[0]).toBe(4401);
  });

  it('when the service stops, after the answer to what it works on', async () => {
    const { world, client } = await open();
    using silent = await openSocket(world.url);
    const bulk = `mutation { updateIntercomFlatsWhere(input: { all: true, isAnalogLineAvailable: false }) { __typename } }`;
    client.send(subscribing('s', FOLLOW), subscribing('a', bulk), subscribing('b', SET(1, true)));
    await client.of('s', 1);
    const began = performance.now();
    await world[Symbol.asyncDispose]();
    // After that all connections are cut.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect([(await client.closed)[0], (await silent.closed)[0]]).toEqual([1001, 1001]);
    expect(client.messages.filter((it) => it.id === 'a').map((it) => it.type)).toEqual(['next', 'complete']);
  });
});

it('an upgrade behind a request that is not answered yet is cut', async () => {
  await using world = await start();
  const { connect } = await import('node:net');
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  const get = 'GET /graphql?query=%7BchangesHead%7D HTTP/1.1\r\nHost: localhost\r\n';
  const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'a'.repeat(22)}==\r\nSec-WebSocket-Protocol: ${PROTOCOL}\r\n\r\n`;
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.on('error', () => {});
  socket.write(`${get}\r\n${get}${upgrade}`);
  await once(socket, 'close');
  expect(text).not.toContain('101');
});

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gql } from '@apollo/client';
import { EventSource } from 'eventsource';
import { expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { createToken } from '../../src/operations/tokens.ts';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';
import { createApolloClient } from './clients/apollo.ts';
import { follow as followEventSource } from './clients/event-source.ts';
import { follow as followFetch } from './clients/fetch.ts';
import { overEvents, overWebSocket, type Subscribe } from './clients/resubscribe.ts';
import type { FeedError } from './clients/retry.ts';
import { createUrqlClient } from './clients/urql.ts';

const QUERY = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';

interface Data {
  readonly intercomFlatChanged: { readonly flatId: string };
}

interface Follower {
  readonly url: string;
  readonly token: string;
  readonly after: string;
  readonly query: string;
  onChange(flatId: string): void;
  onError(error: unknown): void;
}

type Follow = (follower: Follower) => () => void;

const byLibrary =
  (over: (url: string, token: string) => Subscribe): Follow =>
  ({ url, token, query, after, onChange, onError }) =>
    over(url, token)(
      { query, variables: { after } },
      { next: ({ data }) => onChange((data as unknown as Data).intercomFlatChanged.flatId), error: onError },
    );

const byUrql =
  (over: (url: string, token: string) => Subscribe): Follow =>
  ({ url, token, query, after, onChange, onError }) =>
    createUrqlClient(url, token, over(url, token))
      .subscription<Data>(query, { after })
      .subscribe(({ data, error }) => {
        if (error) onError(error.networkError ?? error);
        else if (data) onChange(data.intercomFlatChanged.flatId);
      }).unsubscribe;

const byApollo =
  (over: (url: string, token: string) => Subscribe): Follow =>
  ({ url, token, query, after, onChange, onError }) => {
    const subscription = createApolloClient(url, token, over(url, token))
      .subscribe<Data>({ query: gql(query), variables: { after } })
      .subscribe(({ data, error }) => {
        if (error) onError(error);
        else if (data) onChange(data.intercomFlatChanged.flatId);
      });
    return () => subscription.unsubscribe();
  };

/** Each client of the README that sends a token: starts it, and returns what ends it. */
const CLIENTS: Readonly<Record<string, Follow>> = {
  fetch({ url, token, after, onChange, onError }) {
    const end = new AbortController();
    followFetch(url, token, after, ({ flatId }) => onChange(flatId), end.signal).catch(onError);
    return () => end.abort();
  },
  'graphql-sse': byLibrary(overEvents),
  'graphql-ws': byLibrary(overWebSocket),
  'urql over events': byUrql(overEvents),
  'urql over a WebSocket': byUrql(overWebSocket),
  'Apollo Client over events': byApollo(overEvents),
  'Apollo Client over a WebSocket': byApollo(overWebSocket),
};

/** An `EventSource` sends no token. */
const bySource: Follow = ({ url, onChange, onError }) =>
  followEventSource(url, ({ flatId }) => onChange(flatId), onError, EventSource as never);

it.concurrent('every client of the README sees each change once, over a kill and a restart of the service', async () => {
  await using database = await tempDatabase();
  const env = { ...database.env, PORT: String(await freePort()) };
  let token = '';
  {
    await using store = await database.open();
    await store.importRows(TESTER, BUILDING);
    const created = await createToken(store, 'dashboard', 'write');
    if (created.kind !== 'refused') token = created.token;
  }
  const authorization = `Bearer ${token}`;
  const patch = (url: string, flatId: number) =>
    fetch(`${url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      headers: { authorization },
      body: JSON.stringify({ flat_id: flatId, is_analog_line_available: false }),
    });
  const seen = Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, [] as string[]]));
  const all = (flats: readonly string[]) => Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, flats]));
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  try {
    {
      await using server = await spawnServer('', env);
      const ask = (path: string) => fetch(server.url + path, { headers: { authorization } });
      const head = await (await ask(`/graphql?query=${encodeURIComponent('{ changesHead }')}`)).json();
      const follower = { url: `${server.url}/graphql`, token, after: head.data.changesHead, query: QUERY, onError };
      for (const [name, follow] of Object.entries(CLIENTS)) {
        ends.push(follow({ ...follower, onChange: (flatId) => seen[name]?.push(flatId) }));
      }
      const metrics = async () => (await ask('/metrics')).text();
      await until(async () => /subscribers (\d+)/.exec(await metrics())?.[1] === String(ends.length));
      await patch(server.url, 1);
      await until(() => Object.values(seen).every((it) => it.length === 1));
    }
    await using server = await spawnServer('', env);
    await patch(server.url, 2);
    await until(() => Object.values(seen).every((it) => it.length === 2));
    await patch(server.url, 3);
    await until(() => Object.values(seen).every((it) => it.length === 3));
    expect(seen).toEqual(all(['1', '2', '3']));
    expect(errors).toEqual([]);
  } finally {
    for (const end of ends) end();
  }
});

/** Follows until an error is handed to the app. */
async function errorOf(follow: Follow, asked: Omit<Follower, 'onChange' | 'onError'>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const end = follow({ ...asked, onChange: () => {}, onError: resolve });
  const error = await promise;
  end();
  return error;
}

it.concurrent('every client stops at what trying again would not mend, and hands it to the app', async () => {
  await using world = await start({ flats: BUILDING });
  const [, token = ''] = (await world.bearer('read')).authorization.split(' ');
  const asked = { url: `${world.url}/graphql`, token, after: await head(world), query: QUERY };
  const expired = { ...asked, after: formatCursor({ epoch: '00ff', seq: 0 }) };
  const codes = async ([name, follow]: [string, Follow]) => {
    const errors = await Promise.all([
      errorOf(follow, expired),
      errorOf(follow, { ...asked, token: 'nonsense' }),
      // The client with fetch has its own document.
      name === 'fetch' ? undefined : errorOf(follow, { ...asked, query: 'subscription { nothing }' }),
    ]);
    return [name, ...errors.map((it) => it && [(it as FeedError).name, (it as FeedError).code])];
  };
  const found = await Promise.all(Object.entries(CLIENTS).map(codes));
  expect(found).toEqual(
    Object.keys(CLIENTS).map((name) => [
      name,
      ['FeedError', 'CURSOR_EXPIRED'],
      // The close of a WebSocket has no code of ours.
      ['FeedError', name.endsWith('ws') || name.endsWith('WebSocket') ? undefined : 'UNAUTHENTICATED'],
      name === 'fetch' ? undefined : ['FeedError', 'GRAPHQL_VALIDATION_FAILED'],
    ]),
  );
  // A WebSocket has a line for its handshake, one for its init, and one for its operation if that was accepted.
  const requests = 2 + 3 * 3 + 3 * (3 + 2 + 3);
  await until(() => world.requests.length >= requests);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(world.requests.length).toBe(requests);
});

it.concurrent('EventSource stops at what trying again would not mend, and goes on after all else', async () => {
  await using world = await start({ flats: BUILDING });
  const seen: string[] = [];
  const failed = Promise.withResolvers<unknown>();
  await using gate = await openGate(world, [502, 429]);
  const end = bySource({
    ...{ url: `${gate.url}/graphql`, token: '', after: '', query: QUERY },
    onChange: (flatId) => void seen.push(flatId),
    onError: failed.resolve,
  });
  let analog = true;
  await until(async () => {
    analog = !analog;
    await world.patch({ flat_id: 1, is_analog_line_available: analog });
    return seen.length > 0;
  }, 50);
  expect(gate.statuses).toEqual([502, 429, 200]);
  gate.next.push(403, 403);
  gate.cut();
  expect(await failed.promise).toMatchObject({ name: 'FeedError' });
  end();
});

it.concurrent.each(['fetch', 'graphql-sse'])('%s waits for Retry-After', async (name) => {
  await using world = await start({ flats: BUILDING });
  const [, token = ''] = (await world.bearer('write')).authorization.split(' ');
  await using gate = await openGate(world, [429, 408, 503]);
  const seen: string[] = [];
  const began = performance.now();
  const end = CLIENTS[name]?.({
    ...{ url: `${gate.url}/graphql`, token, after: await head(world), query: QUERY },
    onChange: (flatId) => void seen.push(flatId),
    onError: (error) => void seen.push(String(error)),
  });
  await world.patch({ flat_id: 1, is_analog_line_available: false }, { authorization: `Bearer ${token}` });
  await until(() => seen.length > 0);
  end?.();
  expect([seen, gate.statuses]).toEqual([['1'], [429, 408, 503, 200]]);
  expect(performance.now() - began).toBeGreaterThan(2_000 + 2 * 1_000 - 100);
});

const head = async ({ store }: World): Promise<string> =>
  formatCursor({ epoch: store.epoch, seq: await store.changesHead() });

/** A proxy that answers the next requests with these statuses, a 429 with two seconds to wait, and passes all others on. */
async function openGate(world: World, next: number[]) {
  const statuses: number[] = [];
  const server = createServer((incoming, response) => {
    const status = next.shift();
    if (status !== undefined) {
      statuses.push(status);
      response.writeHead(status, status === 429 ? { 'Retry-After': '2' } : {}).end();
      return;
    }
    const { method, headers, url } = incoming;
    const passed = request(world.url + url, { method, headers: { ...headers, host: 'localhost' } }, (answer) => {
      statuses.push(answer.statusCode ?? 0);
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
      response.on('close', () => passed.destroy());
      answer.on('error', () => response.destroy());
    });
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses,
    next,
    cut: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

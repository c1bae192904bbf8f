import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterEach, expect, it, vi } from 'vitest';
import { createGraphQLDoor } from '../../src/graphql/http/door.ts';
import { PING_MS } from '../../src/graphql/http/event-text.ts';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { ChangesPrunedError } from '../../src/store/store.ts';
import { openDoor } from '../support/door.ts';
import { rawPost } from '../support/raw-stream.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

afterEach(() => void vi.useRealTimers());

const QUERY = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';
const ACCEPT = 'Accept: multipart/mixed;subscriptionSpec=1.0\r\n';
const HEADERS = {
  'content-type': 'application/json',
  accept: 'multipart/mixed;subscriptionSpec="1.0", application/json',
};

const cursor = ({ store }: Pick<World, 'store'>, seq: number) => formatCursor({ epoch: store.epoch, seq });
const part = (body: object) => `\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n--graphql`;

it.each(['POST', 'GET'])('Apollo Client follows without a link of its own, by %s', async (method) => {
  await using world = await start({ flats: BUILDING });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: `${world.url}/graphql`, useGETForQueries: method === 'GET' }),
  });
  const flats: string[] = [];
  const failed = Promise.withResolvers<unknown>();
  await world.patch({ flat_id: 2, is_analog_line_available: false });
  const subscription = client
    .subscribe<{ intercomFlatChanged: { flatId: string } }>({
      query: gql(QUERY),
      variables: { after: cursor(world, 0) },
    })
    .subscribe({
      next: ({ data, error }) => (data ? void flats.push(data.intercomFlatChanged.flatId) : failed.resolve(error)),
    });
  await until(() => flats.length === 1);
  await world.patch({ flat_id: 1, is_analog_line_available: false });
  await world.patch({ flat_id: 3, is_analog_line_available: false });
  await until(() => flats.length === 3);
  expect(flats).toEqual(['2', '1', '3']);
  subscription.unsubscribe();
  await until(() => world.requests.some((it) => it.includes('"stream":true')));
  // What is refused before it begins is an answer with the error.
  client
    .subscribe({ query: gql(QUERY), variables: { after: 'x' } })
    .subscribe({ next: ({ error }) => failed.resolve(error) });
  expect(await failed.promise).toMatchObject({
    errors: [{ message: 'after is not a cursor of the log; send one that an answer gave.' }],
  });
  client.stop();
});

it('a stream begins, is alive and ends as the protocol says', async () => {
  await using world = await start({ flats: BUILDING });
  let isPruned = false;
  const store = {
    ...world.store,
    listChanges: (...args: Parameters<typeof world.store.listChanges>) =>
      isPruned ? Promise.reject(new ChangesPrunedError()) : world.store.listChanges(...args),
  };
  await using door = await openDoor(createGraphQLDoor, store);
  const set = (analog: boolean) => world.patch({ flat_id: 1, is_analog_line_available: analog });
  vi.useFakeTimers({ toFake: ['setInterval'] });
  const stream = await rawPost(door.url, JSON.stringify({ query: QUERY }), ACCEPT);
  const begun = '\r\n--graphql';
  await until(() => stream.body() === begun);
  expect(stream.head()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(stream.head()).toContain('Content-Type: multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"\r\n');
  expect(stream.head()).toContain('X-Accel-Buffering: no\r\n');
  vi.advanceTimersByTime(PING_MS);
  await until(() => stream.body() === begun + part({}));
  await set(false);
  const event = { payload: { data: { intercomFlatChanged: { cursor: cursor(world, 1), flatId: '1' } } } };
  await until(() => stream.body() === begun + part({}) + part(event));
  isPruned = true;
  await set(true);
  await until(() => stream.isOver());
  const message =
    'The log is not kept as far back as this cursor. Read what you follow anew, and go on from changesHead.';
  const error = { message, locations: [{ line: 1, column: 1 }], extensions: { code: 'CURSOR_EXPIRED' } };
  expect(stream.body()).toBe(`${begun}${part({})}${part(event)}${part({ payload: null, errors: [error] })}--\r\n`);
});

it('counts, refuses and cuts streams like others', async () => {
  await using world = await start({ flats: BUILDING, limits: { streamsPerCaller: 1 } });
  const one = await rawPost(world.url, JSON.stringify({ query: QUERY }), ACCEPT);
  await until(() => one.body() !== '');
  const two = await rawPost(world.url, JSON.stringify({ query: QUERY }), ACCEPT);
  await until(() => two.isOver());
  expect(two.body()).toContain('"code":"TOO_MANY_STREAMS"');
  const body = JSON.stringify({ query: QUERY });
  const third = await fetch(`${world.url}/graphql`, { method: 'POST', headers: HEADERS, body });
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
  // Nobody is local any more.
  await world.bearer('read');
  await until(() => one.isOver());
  expect(one.body()).toBe('\r\n--graphql');
});

import { hash } from 'node:crypto';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { describe, expect, it } from 'vitest';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';

const sha256 = (text: string) => hash('sha256', text);
const naming = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(query) } });
const NOT_FOUND = {
  errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
};

async function post(url: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  const cacheControl = response.headers.get('cache-control');
  return { status: response.status, cacheControl, body: await response.json() };
}

async function get(url: string, params: Record<string, unknown>) {
  const search = new URLSearchParams(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  const response = await fetch(`${url}/graphql?${search}`);
  const cacheControl = response.headers.get('cache-control');
  return { status: response.status, cacheControl, body: await response.json() };
}

describe('a document that is named by its hash', () => {
  it('is not found until it was sent with its text, by POST as by GET', async () => {
    await using world = await start({ flats: BUILDING });
    for (const [send, query] of [
      [post, '{ intercomFlat(by: { flatId: 1 }) { flat } }'],
      [get, '{ intercomFlat(by: { flatId: 2 }) { flat } }'],
    ] as const) {
      const extensions = naming(query);
      const notFound = { status: 200, cacheControl: 'no-store', body: NOT_FOUND };
      expect(await send(world.url, { extensions })).toEqual(notFound);
      const answer = await send(world.url, { query, extensions });
      expect(answer.body).toEqual({ data: { intercomFlat: { flat: expect.any(Number) } } });
      expect(await post(world.url, { extensions })).toEqual(answer);
      expect((await get(world.url, { extensions })).body).toEqual(answer.body);
    }
    // A client that asks once before it sends the text is no failure.
    expect(world.requests.map((line) => JSON.parse(line).outcome)).toEqual(world.requests.map(() => 'ok'));
  });

  it('takes variables and an operation name like one that is sent', async () => {
    await using world = await start({ flats: BUILDING });
    const query = 'query A($id: ID!) { intercomFlat(by: { flatId: $id }) { flat } } query B { changesHead }';
    await post(world.url, { query, operationName: 'B', extensions: naming(query) });
    const asked = { operationName: 'A', variables: { id: 2 }, extensions: naming(query) };
    expect((await post(world.url, asked)).body).toEqual({ data: { intercomFlat: { flat: 11 } } });
    expect((await get(world.url, asked)).body).toEqual({ data: { intercomFlat: { flat: 11 } } });
  });

  it('is not mutated by GET', async () => {
    await using world = await start({ flats: BUILDING });
    const query = 'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }';
    const extensions = naming(query);
    expect((await get(world.url, { query, extensions })).status).toBe(405);
    expect((await get(world.url, { extensions })).status).toBe(405);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  it.each([
    ['another version', { version: 2, sha256Hash: 'a'.repeat(64) }, 'version must be 1.'],
    [
      'what is no hash',
      { version: 1, sha256Hash: 'A'.repeat(64) },
      'sha256Hash must be a SHA-256 hash: 64 digits and letters from a to f.',
    ],
    [
      'the hash of another text',
      { version: 1, sha256Hash: 'a'.repeat(64) },
      'sha256Hash is not the SHA-256 hash of the query.',
    ],
    ['a text', 'x', 'version must be 1.'],
  ])('is refused with %s', async (_, persistedQuery, message) => {
    await using world = await start();
    const body = { query: '{ __typename }', extensions: { persistedQuery } };
    const refused = {
      status: 400,
      cacheControl: null,
      body: { errors: [{ message: `extensions.persistedQuery.${message}`, extensions: { code: 'BAD_REQUEST' } }] },
    };
    expect(await post(world.url, body)).toEqual(refused);
    expect(await get(world.url, body)).toEqual(refused);
    const named = await post(world.url, { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } });
    expect(named.body).toEqual(NOT_FOUND);
  });

  it('is not kept when it has errors or is too long, and leaves when others come', async () => {
    await using world = await start();
    const lookUp = async (query: string) => (await post(world.url, { extensions: naming(query) })).body;
    const wrong = '{ nothing }';
    await post(world.url, { query: wrong, extensions: naming(wrong) });
    expect(await lookUp(wrong)).toEqual(NOT_FOUND);
    const long = `{ __typename }${' '.repeat(20_000)}`;
    expect((await post(world.url, { query: long, extensions: naming(long) })).status).toBe(200);
    expect(await lookUp(long)).toEqual(NOT_FOUND);
    const first = '{ __typename }';
    await post(world.url, { query: first, extensions: naming(first) });
    for (let i = 0; i < 60; i++) {
      const query = `{ __typename }${' '.repeat(19_000)}#${i}`;
      await post(world.url, { query, extensions: naming(query) });
    }
    expect(await lookUp(first)).toEqual(NOT_FOUND);
  });
});

const UPDATES =
  'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
const updates = Array.from({ length: 120 }, () => ({ flatId: 1, isAnalogLineAvailable: true }));

it('a document that was sent once is known in all threads', async () => {
  await using database = await tempDatabase();
  {
    await using store = await database.open();
    await store.importRows(TESTER, BUILDING);
  }
  await using server = await spawnServer('', database.env);
  for (const [query, variables] of [
    ['{ intercoms { edges { node { flatCount } } } }', {}],
    [`{ intercoms(first: 1) { edges { node { flatCount } } } }${' '.repeat(5_000)}`, {}],
    ['query ($s: String!) { intercoms(filter: { title: $s }) { totalCount } }', { s: 'x'.repeat(90) }],
    [UPDATES, { updates }],
  ] as const) {
    const extensions = naming(query);
    expect((await post(server.url, { variables, extensions })).body).toEqual(NOT_FOUND);
    const answer = await post(server.url, { query, variables, extensions });
    expect(answer.body).toEqual({ data: expect.anything() });
    const again = await Promise.all(Array.from({ length: 4 }, () => post(server.url, { variables, extensions })));
    expect(again).toEqual(again.map(() => answer));
  }
});

it.each([
  ['POST', false],
  ['GET', true],
] as const)("Apollo Client's link works by %s, with its defaults", async (method, useGETForHashedQueries) => {
  await using world = await start({ flats: BUILDING });
  const sent: string[] = [];
  const http = new HttpLink({
    uri: `${world.url}/graphql`,
    fetch(url, options) {
      const text = options?.body?.toString() ?? String(url);
      sent.push(`${options?.method} ${/query\W/.test(text) ? 'text' : 'hash'}`);
      return fetch(url, options);
    },
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
  const query = gql`query ($id: ID!) { intercomFlat(by: { flatId: $id }) { flat } }`;
  const read = async (id: number) => (await client.query({ query, variables: { id } })).data;
  const flat = (number: number) => ({ intercomFlat: { __typename: 'IntercomFlat', flat: number } });
  expect([await read(1), await read(2), await read(1)]).toEqual([flat(10), flat(11), flat(10)]);
  const input = '{ flatId: 1, isAnalogLineAvailable: true }';
  const mutation = gql(`mutation { updateIntercomFlat(input: ${input}) { __typename } }`);
  for (let i = 0; i < 2; i++) {
    expect((await client.mutate({ mutation })).data).toEqual({
      updateIntercomFlat: { __typename: 'UpdateIntercomFlatSuccess' },
    });
  }
  expect(sent).toEqual([
    ...[`${method} hash`, 'POST text', `${method} hash`, `${method} hash`],
    ...['POST hash', 'POST text', 'POST hash'],
  ]);
  client.stop();
});

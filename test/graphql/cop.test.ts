import { describe, expect, it } from 'vitest';
import { BUILDING, start, type World } from '../support/start.ts';

// What graphql-cop (github.com/dolevf/graphql-cop) looks for, by the names it has there, in a service as it is on the
// network. A stranger gets no further than the token; these ask with one.

const onNetwork = () => start({ flats: BUILDING, host: '0.0.0.0', graphiql: false, introspection: false });

async function ask(world: World, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await world.bearer('admin')), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const refused = (code: string, message: unknown = expect.any(String)) => ({
  status: 400,
  body: { errors: [{ message, extensions: { code } }] },
});
const MUTATION = 'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }';

describe('graphql-cop finds no', () => {
  it('Alias Overloading', async () => {
    await using world = await onNetwork();
    const query = `query { ${Array.from({ length: 101 }, (_, i) => `alias${i}:__typename \n`).join('')} }`;
    expect(await ask(world, { query })).toEqual(refused('LIMIT_EXCEEDED'));
  });

  it('Array-based Query Batching', async () => {
    await using world = await onNetwork();
    expect(await ask(world, Array(10).fill({ query: 'query { __typename }' }))).toEqual(
      refused('BAD_REQUEST', 'Batching is not supported.'),
    );
  });

  it('Directive Overloading', async () => {
    await using world = await onNetwork();
    expect(await ask(world, { query: `query { __typename ${'@aa'.repeat(10)} }` })).toEqual(refused('LIMIT_EXCEEDED'));
  });

  it.each([500, 1_500, 5_000])('Field Duplication, %d times', async (times) => {
    await using world = await onNetwork();
    expect(await ask(world, { query: `query { ${'__typename \n'.repeat(times)} }` })).toEqual(
      refused('LIMIT_EXCEEDED'),
    );
  });

  it.each([
    [
      'Circular Query using Introspection',
      '__schema { types { fields { type { fields { type { fields { name } } } } } } }',
    ],
    ['Introspection', '__schema { types { name fields { name } } }'],
  ])('%s', async (_, selection) => {
    await using world = await onNetwork();
    const { body } = await ask(world, { query: `query { ${selection} }` });
    expect(body.data).toBeUndefined();
    expect(body.errors[0].extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it('Circular Fragment', async () => {
    await using world = await onNetwork();
    const { body } = await ask(world, {
      query: 'query { ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A }',
    });
    expect([body.data, body.errors[0].extensions]).toEqual([undefined, { code: 'GRAPHQL_VALIDATION_FAILED' }]);
  });

  it('GraphQL IDE', async () => {
    await using world = await onNetwork();
    const bearer = await world.bearer('read');
    for (const path of ['/graphiql', '/playground', '/console', '/graphql', '/']) {
      const response = await fetch(world.url + path, {
        headers: { accept: 'text/html', ...bearer },
      });
      // The console of the staff is a page of its own, and no IDE.
      if (path !== '/console') expect(response.headers.get('content-type')).not.toContain('text/html');
      expect(await response.text()).not.toMatch(/graphi?ql.playground|graphiql/i);
    }
  });

  it.each(['__schema { directive }', 'intercom', 'changesHeat', 'intercoms { edgs { cursor } }'])(
    'Field Suggestions for %s',
    async (selection) => {
      await using world = await onNetwork();
      const { body } = await ask(world, { query: `query { ${selection} }` });
      expect(body.errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(body)).not.toMatch(/did you mean/i);
    },
  );

  it('Mutation over GET', async () => {
    await using world = await onNetwork();
    const url = `${world.url}/graphql?query=${encodeURIComponent(MUTATION)}`;
    const response = await fetch(url, { headers: await world.bearer('write') });
    expect([response.status, (await response.json()).errors[0].extensions]).toEqual([405, { code: 'BAD_REQUEST' }]);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  // A GET with a query is there, for event streams and caches. It is no forgery: a page cannot make a browser send the
  // token of somebody else.
  it('GET-based Query of a page that has no token', async () => {
    await using world = await onNetwork();
    const get = (headers: Record<string, string>) =>
      fetch(`${world.url}/graphql?query=${encodeURIComponent('{__typename}')}`, { headers });
    const { status, headers } = await get({ origin: 'https://evil.example', cookie: 'token=x' });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, null]);
    expect((await get(await world.bearer('read'))).status).toBe(200);
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', ''])(
    'POST-based CSRF with the content type %j',
    async (contentType) => {
      await using world = await onNetwork();
      const { status, body } = await ask(world, `query=${encodeURIComponent(MUTATION)}`, {
        'content-type': contentType,
      });
      expect([status, body.errors[0].extensions]).toEqual([415, { code: 'BAD_REQUEST' }]);
      const inAddress = await fetch(`${world.url}/graphql?query=${encodeURIComponent(MUTATION)}`, {
        method: 'POST',
        headers: { 'content-type': contentType, ...(await world.bearer('admin', 'again')) },
      });
      expect(inAddress.status).toBe(415);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
    },
  );

  it('Trace Mode', async () => {
    await using world = await onNetwork();
    const { status, body } = await ask(world, { query: 'query { __typename }' }, { 'apollo-tracing': '1' });
    expect([status, body]).toEqual([200, { data: { __typename: 'Query' } }]);
  });

  it('Unhandled Error', async () => {
    await using world = await onNetwork();
    const { body } = await ask(world, { query: 'qwerty cop { abc }' });
    expect(body).toEqual({
      errors: [
        {
          message: 'Syntax Error: Unexpected Name.',
          locations: [{ line: 1, column: 1 }],
          extensions: { code: 'GRAPHQL_PARSE_FAILED' },
        },
      ],
    });
    expect(world.faults).toEqual([]);
  });
});

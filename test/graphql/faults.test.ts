import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/store/store.ts';
import { BUILDING, start } from '../support/start.ts';

const READ = '{ intercomFlat(by: { flatId: 1 }) { flatId } }';

describe('what is no answer of the rules', () => {
  it.each([
    ['a document that does not parse', '{', 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an empty document', '', 'GRAPHQL_PARSE_FAILED'],
    [
      'a variable that does not fit',
      'query ($f: Int!) { intercomFlat(by: { flatId: $f }) { flatId } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s has a code', async (_, query, code) => {
    await using world = await start({ flats: BUILDING });
    const { errors, data } = await world.gql(query);
    expect({ data, codes: errors.map((it: { extensions: object }) => it.extensions) }).toEqual({
      data: undefined,
      codes: [{ code }],
    });
    expect(world.faults).toEqual([]);
  });

  it.each([
    ['{ a', ''],
    ['[', '{ a(b: '],
    ['{ b: ', '{ a(b: '],
  ])('answers 20,000 times %j after %j with an error, not with a fault', async (nested, head) => {
    await using world = await start();
    const { status, errors } = await world.gql(
      head + nested.repeat(20_000),
      {},
      {
        accept: 'application/graphql-response+json',
      },
    );
    expect([status, errors]).toMatchObject([400, [{ extensions: { code: 'LIMIT_EXCEEDED' } }]]);
    expect(world.faults).toEqual([]);
  });

  it.each([
    ['fields', '{ a '.repeat(600) + '}'.repeat(600), 'LIMIT_EXCEEDED'],
    ['lists', `{ a(b: ${'['.repeat(900)}${']'.repeat(900)}) }`, 'GRAPHQL_VALIDATION_FAILED'],
  ])('answers a well-formed nest of %s with an error, not with a fault', async (_, query, code) => {
    await using world = await start();
    const { errors } = await world.gql(query);
    expect(errors[0].extensions.code).toBe(code);
    expect(world.faults).toEqual([]);
  });

  it('refuses a document of too many tokens with 400, whatever the caller accepts', async () => {
    await using world = await start();
    expect(await world.gql(`{ ${'a '.repeat(3_000)} }`)).toEqual({
      status: 400,
      errors: [{ message: 'The document is too large: at most 2000 tokens.', extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
  });

  it('does not quote a body that is no JSON', async () => {
    await using world = await start();
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query": secret',
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ message: 'The body is not valid JSON.', extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  it('refuses a body beyond 5 MB, whether it declares its length or comes in chunks', async () => {
    await using world = await start({ flats: BUILDING });
    const send = (padding: number, chunked: boolean) => {
      const body = JSON.stringify({ query: READ, variables: { x: 'x'.repeat(padding) } });
      return fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: chunked ? new Blob([body]).stream() : body,
        duplex: 'half',
      } as RequestInit);
    };
    for (const chunked of [false, true]) {
      const large = await send(5 * 1024 * 1024, chunked);
      expect([large.status, await large.json()]).toEqual([
        413,
        {
          errors: [
            { message: 'The body is too large: at most 5242880 bytes.', extensions: { code: 'LIMIT_EXCEEDED' } },
          ],
        },
      ]);
      const fitting = await send(4 * 1024 * 1024, chunked);
      expect([fitting.status, await fitting.json()]).toEqual([200, { data: { intercomFlat: { flatId: '1' } } }]);
    }
  });

  it('hides what goes wrong inside, logs it, and stays up', async () => {
    await using world = await start({ flats: BUILDING });
    const { findFlat } = world.store;
    Object.assign(world.store, { findFlat: () => Promise.reject(new Error('secret of the inside')) });
    const answer = await world.gql(READ);
    expect(answer).toMatchObject({
      status: 500,
      data: { intercomFlat: null },
      errors: [
        {
          message: 'Internal error.',
          path: ['intercomFlat'],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(world.faults.join()).toContain('secret of the inside');

    Object.assign(world.store, { findFlat: () => Promise.reject(new StorageError('busy', 'secret')) });
    expect((await world.gql(READ)).errors).toMatchObject([{ extensions: { code: 'STORAGE_BUSY' } }]);
    Object.assign(world.store, { findFlat });
    expect((await world.gql(READ)).data).toEqual({ intercomFlat: { flatId: '1' } });
  });
});

describe('GraphiQL and introspection', () => {
  const page = (url: string) => fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  const INTROSPECTION = '{ __type(name: "Flat") { name } }';

  it('are there when they are on, with nothing to load from elsewhere', async () => {
    await using world = await start();
    const html = await (await page(world.url)).text();
    expect(html).toContain('YogaGraphiQL.renderYogaGraphiQL');
    expect(html.match(/<(script|link|img)[^>]+(src|href)="https?:/g)).toBeNull();
    expect((await world.gql(INTROSPECTION)).data).toEqual({ __type: null });
  });

  it('are gone when they are off', async () => {
    await using world = await start({ graphiql: false, introspection: false, flats: BUILDING });
    expect((await page(world.url)).headers.get('content-type') ?? '').not.toContain('text/html');
    expect((await world.gql(INTROSPECTION)).errors).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect((await world.gql(READ)).data).toEqual({ intercomFlat: { flatId: '1' } });
  });
});

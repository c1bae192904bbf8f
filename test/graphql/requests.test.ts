import { describe, expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';

const MUTATION = 'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }';

describe('a GraphQL request', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(MUTATION)}`],
    [
      'a form with a charset',
      'application/x-www-form-urlencoded; charset=utf-8',
      `query=${encodeURIComponent(MUTATION)}`,
    ],
    ['plain text', 'text/plain', JSON.stringify({ query: MUTATION })],
    ['a bare document', 'application/graphql', MUTATION],
    ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
    ['nothing said', '', JSON.stringify({ query: MUTATION })],
  ])('by POST that is %s is refused, as a page of another site could send it', async (_, contentType, body) => {
    await using world = await start({ flats: BUILDING });
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: Buffer.from(body),
    });
    expect([response.status, await response.json()]).toEqual([
      415,
      {
        errors: [
          { message: 'A POST must have the content type application/json.', extensions: { code: 'BAD_REQUEST' } },
        ],
      },
    ]);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
    expect(world.faults).toEqual([]);
  });

  it.each(['variables={bad', 'variables=%ff', 'extensions={bad'])(
    'by GET with %s is the caller’s mistake',
    async (query) => {
      await using world = await start();
      const response = await fetch(`${world.url}/graphql?query={__typename}&${query}`);
      expect([response.status, await response.json()]).toEqual([
        400,
        {
          errors: [
            {
              message: 'The request cannot be read: its variables or extensions are not valid JSON.',
              extensions: { code: 'BAD_REQUEST' },
            },
          ],
        },
      ]);
      expect(world.faults).toEqual([]);
    },
  );

  const post = (url: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body as string,
    });

  it.each([
    ['an empty list of variables', '{"query":"{ __typename }","variables":[]}'],
    ['an empty list of extensions', '{"query":"{ __typename }","extensions":[]}'],
    ['an empty name of its operation', '{"query":"query A { __typename }","operationName":""}'],
    ['a byte order mark', '\ufeff{"query":"{ __typename }"}'],
  ])('may have %s', async (_, body) => {
    await using world = await start();
    for (const accept of ['*/*', 'text/event-stream']) {
      const response = await post(world.url, body, { accept });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"__typename":"Query"')]);
    }
    const { query, operationName = '', variables = {}, extensions = {} } = JSON.parse(body.replace('\ufeff', ''));
    const search = new URLSearchParams({
      ...{ query, operationName },
      ...{ variables: JSON.stringify(variables), extensions: JSON.stringify(extensions) },
    });
    const got = await fetch(`${world.url}/graphql?${search}`);
    expect([got.status, await got.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
  });

  it.each([
    ['a list of variables', '{"query":"{ __typename }","variables":[1]}'],
    ['a list of requests', '[{"query":"{ __typename }"}]'],
    ['a number', '1'],
    ['null', 'null'],
  ])('that is %s is refused', async (_, body) => {
    await using world = await start();
    const response = await post(world.url, body);
    expect([response.status, (await response.json()).errors[0].extensions]).toEqual([400, { code: 'BAD_REQUEST' }]);
    expect(world.faults).toEqual([]);
  });

  it.each(['windows-1251', 'utf-16', '"iso-8859-1"'])('in the charset %s is refused', async (charset) => {
    await using world = await start();
    const type = `application/json; charset=${charset}`;
    const response = await post(world.url, '{"query":"{ __typename }"}', { 'content-type': type });
    const message = 'The body must be encoded in UTF-8: send charset=utf-8, or no charset at all.';
    expect([response.status, await response.json()]).toEqual([
      415,
      { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] },
    ]);
    for (const utf8 of ['utf-8', 'UTF8', '"utf-8"']) {
      const good = { 'content-type': `application/json; charset=${utf8}` };
      expect((await post(world.url, '{"query":"{ __typename }"}', good)).status).toBe(200);
    }
  });

  it('whose bytes are not UTF-8 is refused, and nothing of it is stored', async () => {
    await using world = await start({ flats: BUILDING });
    const query = MUTATION.replace('flatId: 1', 'flatId: 1, reason: \\"\xcf\\"');
    const response = await post(world.url, Buffer.from(`{"query":"${query}"}`, 'latin1'));
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ message: 'The body is not valid UTF-8.', extensions: { code: 'BAD_REQUEST' } }] },
    ]);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  it('by GET reads, and does not mutate', async () => {
    await using world = await start({ flats: BUILDING });
    const get = (query: string) => fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`);
    expect(await (await get('{ intercomFlat(by: { flatId: 1 }) { flatId } }')).json()).toEqual({
      data: { intercomFlat: { flatId: '1' } },
    });
    const refused = await get(MUTATION);
    expect([refused.status, (await refused.json()).errors[0].extensions]).toEqual([405, { code: 'BAD_REQUEST' }]);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  it('that accepts nothing of ours, or has no query, is told so', async () => {
    await using world = await start();
    const garbage = await fetch(`${world.url}/graphql?query={__typename}`, { headers: { accept: 'image/png' } });
    expect([garbage.status, (await garbage.json()).errors[0].extensions]).toEqual([406, { code: 'BAD_REQUEST' }]);
    const empty = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([empty.status, await empty.json()]).toEqual([
      400,
      { errors: [{ message: 'Must provide query string.', extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });
});

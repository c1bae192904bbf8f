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
              message: 'The request cannot be read: its variables or extensions are no JSON.',
              extensions: { code: 'BAD_REQUEST' },
            },
          ],
        },
      ]);
      expect(world.faults).toEqual([]);
    },
  );

  it('by GET reads, and does not mutate', async () => {
    await using world = await start({ flats: BUILDING });
    const get = (query: string) => fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`);
    expect(await (await get('{ intercomFlat(by: { flatId: 1 }) { id } }')).json()).toEqual({
      data: { intercomFlat: { id: '1' } },
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

import { expect, it } from 'vitest';
import { BUILDING, start } from './support/start.ts';

it('is told at both doors as 503 with Retry-After; reads go on, and nothing is changed', async () => {
  await using world = await start({ flats: BUILDING, lockTimeoutMs: 1_000 });
  const lock = await world.lock();
  const message = 'The storage is busy, so nothing was stored; try again shortly.';

  const rest = await world.patch({ flat_id: 1, is_analog_line_available: false });
  expect([rest.status, rest.headers.get('retry-after'), rest.body]).toEqual([503, '5', { message }]);

  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }',
    }),
  });
  expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
    503,
    '5',
    {
      data: null,
      errors: [
        {
          message,
          locations: [{ line: 1, column: 12 }],
          path: ['updateIntercomFlat'],
          extensions: { code: 'STORAGE_BUSY' },
        },
      ],
    },
  ]);

  const read = { query: '{ intercomFlat(by: { flatId: 1 }) { version } }' };
  expect((await world.gql(read.query)).data).toEqual({ intercomFlat: { version: 1 } });
  expect(world.faults).toEqual([]);

  await lock[Symbol.asyncDispose]();
  expect((await world.patch({ flat_id: 1, is_analog_line_available: false })).headers.get('etag')).toBe('"2"');
});

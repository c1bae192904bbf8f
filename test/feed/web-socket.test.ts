import { createClient } from 'graphql-ws';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { BUILDING, start } from '../support/start.ts';

it('a query, a mutation and a subscription over one socket', async () => {
  await using world = await start({ flats: BUILDING });
  const client = createClient({ url: world.url.replace('http', 'ws') + '/graphql', webSocketImpl: WebSocket, retryAttempts: 0 });
  const changes = client.iterate({ query: 'subscription { intercomFlatChanged { flatId } }' });
  const first = changes.next();
  const ask = async (query: string) => (await client.iterate({ query }).next()).value;
  expect(await ask('{ intercomFlat(by: { flatId: 1 }) { flat } }')).toEqual({ data: { intercomFlat: { flat: 10 } } });
  expect(await ask('mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }')).toEqual({ data: {updateIntercomFlat: {__typename: 'UpdateIntercomFlatSuccess' } } });
  expect(await first).toEqual({ done: false, value: { data: { intercomFlatChanged: { flatId: '1' } } } });
  console.log(world.requests, world.faults);
  await client.dispose();
});

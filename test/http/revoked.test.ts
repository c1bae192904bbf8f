import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createToken, revokeToken } from '../../src/operations/tokens.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { BUILDING, start } from '../support/start.ts';
import { until } from '../support/until.ts';

const UPDATE = 'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename } }';

it.each([
  ['PATCH', REST_PATH, { flat_id: 1, is_analog_line_available: false }, {}],
  ['POST', '/graphql', { query: UPDATE }, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }],
])('a token that is revoked before the body of its %s has come changes nothing', async (method, path, body, answer) => {
  await using world = await start({ flats: BUILDING });
  const headers = { ...(await world.bearer('write', 'leaver')), 'content-type': 'application/json' };
  await createToken(world.store, 'stays', 'read');
  const sending = request(world.url + path, { method, headers });
  const json = JSON.stringify(body);
  sending.write(json.slice(0, 5));
  // The head is read, and its sender let in, once the use of the token is noted.
  await until(async () => (await world.rows('select id from tokens where last_used_at is not null')).length === 1);
  await revokeToken(world.store, 'leaver');
  sending.end(json.slice(5));
  const [response] = await once(sending, 'response');
  const told = await text(response);
  expect(response.statusCode).toBe(401);
  expect(response.headers['www-authenticate']).toBe('Bearer realm="intercom-flats", error="invalid_token"');
  expect(JSON.parse(told)).toMatchObject(answer);
  expect(await world.rows('select seq from changes')).toEqual([]);
});

it('nobody is local any more when a token is made before the body has come', async () => {
  await using world = await start({ flats: BUILDING });
  const sending = request(world.url + REST_PATH, { method: 'PATCH', headers: { expect: '100-continue' } });
  sending.flushHeaders();
  await once(sending, 'continue');
  await createToken(world.store, 'first', 'admin');
  sending.end(JSON.stringify({ flat_id: 1, is_analog_line_available: false }));
  const [response] = await once(sending, 'response');
  expect([response.statusCode, JSON.parse(await text(response))]).toEqual([401, { message: expect.any(String) }]);
  expect(await world.rows('select seq from changes')).toEqual([]);
});

it('a job ends between two of its chunks once its token is revoked', async () => {
  const flats = Array.from({ length: 5_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} }));
  await using world = await start({ flats });
  const mutation = `mutation { updateIntercomFlatsWhere(input: { all: true, isLandlineSipLineAvailable: false }) {
    ... on UpdateIntercomFlatsWhereSuccess { matched changed stoppedBy }
  } }`;
  const job = world.gql(mutation, {}, await world.bearer('write', 'leaver'));
  const changes = async () => (await world.rows('select count(*) n from changes'))[0] as { n: number };
  await until(async () => (await changes()).n > 0);
  await revokeToken(world.store, 'leaver');
  const revokedAt = (await changes()).n;
  const { matched, changed, stoppedBy } = (await job)['data'].updateIntercomFlatsWhere;
  expect([matched, stoppedBy]).toEqual([changed, 'TOKEN_REVOKED']);
  expect(await changes()).toEqual({ n: changed });
  // One chunk may be on its way while the token is revoked.
  expect(changed).toBeLessThanOrEqual(revokedAt + 50);
});

import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createToken } from '../../src/operations/tokens.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, NOON, start, type World } from '../support/start.ts';
import { initSocket } from '../support/web-socket.ts';

const HOUR_MS = 3_600_000;

/** Makes a token that expires an hour after noon, and returns the header that shows it. */
async function expiring({ store }: World, name: string) {
  const created = await createToken(store, name, 'write', NOON + HOUR_MS);
  if (created.kind !== 'created') throw new Error(created.problem);
  return { authorization: `Bearer ${created.token}` };
}

it('a token is refused from the moment on that it expires, by every door, and says so in both languages', async () => {
  let now = NOON;
  await using world = await start({ flats: BUILDING, now: () => now });
  const headers = await expiring(world, 'anna');
  const ask = (more = {}) => world.gql('{ caller { actor scope expiresAt } }', {}, { ...headers, ...more });
  now = NOON + HOUR_MS - 1;
  expect((await ask()).data.caller).toEqual({
    actor: 'anna',
    scope: 'WRITE',
    expiresAt: new Date(NOON + HOUR_MS).toISOString(),
  });
  now = NOON + HOUR_MS;
  expect(await ask()).toMatchObject({
    status: 401,
    errors: [{ message: 'The token has expired: ask for another one.', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await ask({ 'accept-language': 'ru' })).toMatchObject({
    errors: [{ message: 'Срок действия токена истёк: попросите новый.' }],
  });
  const patched = await world.patch({ flat_id: 1, is_analog_line_available: false }, headers);
  expect([patched.status, patched.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="intercom-flats", error="invalid_token"',
  ]);
  expect((await fetch(`${world.url}/metrics`, { headers })).status).toBe(401);
  const { caller } = (await world.gql('{ caller { expiresAt } }', {}, await world.bearer('read'))).data;
  expect(caller).toEqual({ expiresAt: null });
});

it('the end of the last token opens the service to nobody', async () => {
  let now = NOON;
  await using world = await start({ flats: BUILDING, now: () => now });
  await expiring(world, 'anna');
  now = NOON + 2 * HOUR_MS;
  expect((await world.gql('{ caller { actor } }')).status).toBe(401);
});

it('a token that has expired gives its name away', async () => {
  let now = NOON;
  await using world = await start({ flats: BUILDING, now: () => now });
  const old = await expiring(world, 'anna');
  expect(await createToken(world.store, 'anna', 'read')).toEqual({ kind: 'refused', problem: 'taken' });
  now = NOON + HOUR_MS;
  expect(await createToken(world.store, 'anna', 'read')).toMatchObject({ kind: 'created' });
  expect(await world.store.listTokens()).toMatchObject([
    { name: 'anna', scope: 'write', revokedAt: NOON + HOUR_MS, expiresAt: NOON + HOUR_MS },
    { name: 'anna', scope: 'read', revokedAt: null, expiresAt: null },
  ]);
  expect((await world.gql('{ caller { actor } }', {}, old)).status).toBe(401);
});

it('its streams and sockets end, and a body that comes later changes nothing', async () => {
  let now = NOON;
  await using world = await start({ flats: BUILDING, now: () => now });
  const headers = await expiring(world, 'anna');
  const stream = await subscribe(world.url, 'subscription { changed { cursor } }', {}, headers);
  using socket = await initSocket(world.url, headers);
  const sending = request(world.url + REST_PATH, { method: 'PATCH', headers: { ...headers, expect: '100-continue' } });
  sending.flushHeaders();
  await once(sending, 'continue');
  now = NOON + HOUR_MS;
  await expect(take(stream, 1)).rejects.toThrow();
  expect((await socket.closed)[0]).toBe(4401);
  sending.end(JSON.stringify({ flat_id: 1, is_analog_line_available: false }));
  const [response] = await once(sending, 'response');
  expect([response.statusCode, JSON.parse(await text(response))]).toEqual([
    401,
    { message: 'The token has expired: ask for another one.' },
  ]);
  expect(await world.store.changesHead()).toBe(0);
});

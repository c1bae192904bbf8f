import { expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { BUILDING, type StartOptions, start } from '../support/start.ts';

/** A service with tokens, none of which the callers here show. */
async function guarded(options: StartOptions) {
  const world = await start({ flats: BUILDING, ...options });
  await world.bearer('read');
  return world;
}

it('whoever is in a trusted network may update and read by REST without a token, as legacy, and nothing else', async () => {
  await using world = await guarded({ trustedNetworks: ['10.0.0.0/8', '127.0.0.1'] });
  expect(await world.patch({ flat_id: 1, is_analog_line_available: false })).toMatchObject({ status: 200 });
  expect((await fetch(`${world.url}${REST_PATH}?flat_id=1`)).status).toBe(200);
  expect(await world.gql('{ changesHead }')).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect((await world.store.listChanges({}, { limit: 9, fromEnd: false })).rows).toMatchObject([
    { actor: 'legacy', channel: 'REST' },
  ]);
});

it('another network is not trusted', async () => {
  await using world = await guarded({ trustedNetworks: ['10.0.0.0/8', '::1', '::/0'] });
  expect(await world.patch({ flat_id: 1 })).toMatchObject({ status: 401 });
});

it.each<[string, StartOptions, Record<string, string>, number]>([
  ['through a trusted proxy', {}, { 'x-forwarded-for': '10.1.2.3' }, 200],
  ['in IPv6 clothes', {}, { 'x-forwarded-for': '::ffff:10.1.2.3' }, 200],
  ['through two of them', {}, { 'x-forwarded-for': '10.1.2.3, 127.0.0.9' }, 200],
  ['from elsewhere', {}, { 'x-forwarded-for': '8.8.8.8' }, 401],
  ['from elsewhere, with a lie', {}, { 'x-forwarded-for': '10.1.2.3, 8.8.8.8' }, 401],
  ['through a proxy in the network that nobody named', {}, { 'x-forwarded-for': '8.8.8.8, 10.1.2.3' }, 401],
  ['when the proxy does not say from where', {}, {}, 401],
  ['when it says so in another header', {}, { 'x-real-ip': '10.1.2.3', forwarded: 'for=10.1.2.3' }, 401],
  ['when it says nothing but itself', {}, { 'x-forwarded-for': '127.0.0.1' }, 401],
  ['when it cannot be read', {}, { 'x-forwarded-for': '10.1.2.3.4' }, 401],
  ['when the proxy itself stands in the network', { trustedNetworks: ['127.0.0.0/8'] }, {}, 401],
  ['when nobody is a proxy', { trustedProxies: [] }, { 'x-forwarded-for': '10.1.2.3' }, 401],
  [
    'when a proxy in the network was not named',
    { trustedProxies: [], trustedNetworks: ['127.0.0.0/8'] },
    { 'x-forwarded-for': '8.8.8.8' },
    401,
  ],
  ['from a page in a browser', {}, { 'x-forwarded-for': '10.1.2.3', origin: 'https://evil.example' }, 401],
])('a trusted network %s: %j, %j is answered with %d', async (_, options, headers, status) => {
  await using world = await guarded({ trustedNetworks: ['10.0.0.0/8'], trustedProxies: ['127.0.0.0/8'], ...options });
  expect((await world.patch({ flat_id: 1 }, headers)).status).toBe(status);
  expect((await fetch(`${world.url}${REST_PATH}?flat_id=1`, { headers })).status).toBe(status);
});

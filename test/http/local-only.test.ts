import { describe, expect, it } from 'vitest';
import { rawHttp } from '../support/raw-http.ts';
import { BUILDING, start } from '../support/start.ts';

const READ = '{"query":"{ changesHead }"}';
const request = (headers: string, path = '/graphql', version = '1.1') =>
  `POST ${path} HTTP/${version}\r\n${headers}Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${READ.length}\r\n\r\n${READ}`;
const statusOf = (answer: string) => Number(answer.split(' ')[1]);

const REFUSED =
  'While there is no token, only requests from this machine are served: to localhost, and not through a proxy. Create a token: npm run token -- create NAME --scope admin';

describe('without any token', () => {
  it.each([
    'localhost',
    'localhost:4000',
    'LOCALHOST:',
    '127.0.0.1:1',
    '127.8.8.8',
    '[::1]:4000',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
  ])('a request to %s is served', async (host) => {
    await using world = await start();
    expect(statusOf(await rawHttp(world.url, request(`Host: ${host}\r\n`)))).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:127.0.0.1',
    'localhost@evil.example',
    'evil.example@localhost',
    '127.0.0.1.',
    '0.0.0.0',
    '10.0.0.1',
    '[::]',
    '[fe80::1]',
    '::1',
    '[::1',
    'localhost:80:80',
    'localhost/',
    '',
  ])('a request to %j is refused, as a page of a stranger could send it by DNS rebinding', async (host) => {
    await using world = await start();
    const answer = await rawHttp(world.url, request(`Host: ${host}\r\n`));
    expect([statusOf(answer), answer.slice(answer.indexOf('{'))]).toEqual([
      403,
      JSON.stringify({ errors: [{ message: REFUSED, extensions: { code: 'FORBIDDEN' } }] }),
    ]);
  });

  it('a request of a proxy that the operator named is refused, whatever it says', async () => {
    await using world = await start({ trustedProxies: ['127.0.0.0/8'] });
    expect(statusOf(await rawHttp(world.url, request('Host: localhost\r\n')))).toBe(403);
    expect((await fetch(`${world.url}/metrics`)).status).toBe(403);
    await world.bearer('read');
    expect((await fetch(`${world.url}/metrics`)).status).toBe(401);
  });

  it('a request that names no host, or one in its first line that is not this machine, is refused', async () => {
    await using world = await start();
    const answers = [
      request('', '/graphql', '1.0'),
      request('Host: localhost\r\n', 'http://evil.example/graphql'),
      request('Host: evil.example\r\n', 'http://localhost/graphql'),
      request('Host: localhost\r\n', 'http://localhost:4000/graphql'),
    ].map(async (it) => statusOf(await rawHttp(world.url, it)));
    expect(await Promise.all(answers)).toEqual([403, 403, 403, 200]);
  });

  it.each([
    'Forwarded: for=1.2.3.4',
    'X-Forwarded-For: 127.0.0.1',
    'x-forwarded-for:',
    'X-Forwarded-Host: localhost',
    'X-Forwarded-Proto: https',
    'X-Forwarded: 1.2.3.4',
    'X-Real-IP: 127.0.0.1',
    'Via: 1.1 proxy',
    'CF-Connecting-IP: 1.2.3.4',
    'True-Client-IP: 1.2.3.4',
    'X-Client-IP: 1.2.3.4',
    'Fly-Client-IP: 1.2.3.4',
  ])('a request with %s is refused at both doors, also when the proxy is trusted', async (header) => {
    await using world = await start({ trustedProxies: ['127.0.0.1'], trustedNetworks: ['127.0.0.0/8', '1.2.3.4'] });
    const answer = await rawHttp(world.url, request(`Host: localhost\r\n${header}\r\n`));
    expect(statusOf(answer)).toBe(403);
    const [name = '', value = ''] = header.split(/: ?/);
    const { status, body } = await world.patch({}, { [name]: value });
    expect([status, body]).toEqual([403, { message: REFUSED }]);
  });

  it('the actor is local', async () => {
    await using world = await start({ flats: BUILDING });
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    const { data } = await world.gql('{ changes { edges { node { actor } } } }');
    expect(data.changes.edges).toEqual([{ node: { actor: 'local' } }]);
  });

  it('a service that listens on the network serves nobody, not even this machine', async () => {
    await using world = await start({ host: '0.0.0.0' });
    expect([(await world.patch({})).status, (await world.gql('{ changesHead }')).status]).toEqual([401, 401]);
  });
});

it('once there is a token, it takes one, wherever the request comes from and whatever it asks', async () => {
  await using world = await start({ flats: BUILDING });
  expect((await world.patch({ flat_id: 1 })).status).toBe(200);
  const admin = await world.bearer('admin');
  expect([(await world.patch({ flat_id: 1 })).status, (await world.gql('{ changesHead }')).status]).toEqual([401, 401]);
  const foreign = { ...admin, 'x-forwarded-for': '1.2.3.4' };
  expect([
    (await world.patch({ flat_id: 1 }, foreign)).status,
    (await world.gql('{ changesHead }', {}, foreign)).status,
  ]).toEqual([200, 200]);
});

it('the page of GraphiQL opens without a token, and its queries do not', async () => {
  await using world = await start();
  await world.bearer('read');
  const get = (accept: string) => fetch(`${world.url}/graphql?query={changesHead}`, { headers: { accept } });
  const page = await get('text/html,*/*');
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('YogaGraphiQL.renderYogaGraphiQL')]);
  expect((await get('application/json')).status).toBe(401);
});

it('a page that is switched off is not there without a token either', async () => {
  await using world = await start({ graphiql: false });
  await world.bearer('read');
  const headers = { accept: 'text/html,application/json' };
  expect((await fetch(`${world.url}/graphql?query={changesHead}`, { headers })).status).toBe(401);
});

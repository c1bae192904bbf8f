import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { configFromEnv } from '../../src/service/config.ts';
import { beside, nobodyHeldUp } from '../support/beside.ts';
import { spawnServer } from '../support/spawn.ts';
import { start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HTML = { accept: 'text/html' };

it('is made once, compressed where that is accepted, and not sent to who has it', async () => {
  await using world = await start();
  const get = async (headers: Record<string, string>) => {
    // fetch would decompress it.
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    const lines = Object.entries({ ...HTML, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.join('')}\r\n`);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const [status, ...head] = all.subarray(0, end).toString().split('\r\n');
    const told = Object.fromEntries(
      head.map((it) => it.split(': ')).map(([name = '', value]) => [name.toLowerCase(), value]),
    );
    return { status, head: told, body: all.subarray(end + 4) };
  };
  const plain = await get({});
  const packed = await get({ 'accept-encoding': 'br, gzip;q=0.8' });
  expect(plain.body.toString()).toContain('YogaGraphiQL.renderYogaGraphiQL');
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  expect(packed.body.length).toBeLessThan(plain.body.length / 2);
  for (const { status, head } of [plain, packed]) {
    expect(status).toBe('HTTP/1.1 200 OK');
    expect(head).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'x-request-id': expect.any(String),
    });
  }
  expect([plain.head['content-encoding'], packed.head['content-encoding']]).toEqual([undefined, 'gzip']);
  expect((await get({ 'accept-encoding': 'gzip;q=0' })).head['content-encoding']).toBe(undefined);
  expect(plain.head['etag']).not.toBe(packed.head['etag']);
  const again = await get({ 'if-none-match': plain.head['etag'] as string });
  expect([again.status, again.body.length]).toEqual(['HTTP/1.1 304 Not Modified', 0]);
});

it('is off once there is a token, unless the operator says on', async () => {
  const statusOf = async (graphiql: boolean | 'untilToken') => {
    await using world = await start({ graphiql });
    const get = async () => {
      const response = await fetch(`${world.url}/graphql`, { headers: HTML });
      await response.arrayBuffer();
      return response.status;
    };
    const before = await get();
    await world.bearer('admin');
    return [before, await get()];
  };
  expect(await statusOf('untilToken')).toEqual([200, 401]);
  expect(await statusOf(true)).toEqual([200, 200]);
  expect(await statusOf(false)).toEqual([406, 401]);
});

it.each([
  [{}, 'untilToken'],
  [{ TRUSTED_PROXIES: '127.0.0.1' }, false],
  [{ HOST: '0.0.0.0' }, false],
  [{ TRUSTED_PROXIES: '127.0.0.1', GRAPHIQL: 'on' }, true],
  [{ GRAPHIQL: 'off' }, false],
])('is by default what the environment %o makes of it', (env, setting) => {
  expect(configFromEnv(env).graphiql).toBe(setting);
});

it('sixty pages that nobody reads take no memory, and hold nobody up', async () => {
  await using folder = await tempFolder();
  await using server = await spawnServer(folder.file('x.db'));
  await (await fetch(`${server.url}/graphql`, { headers: HTML })).arrayBuffer();
  const port = Number(new URL(server.url).port);
  const sockets = Array.from({ length: 60 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  const met = await beside(server.url, server.child.pid, () => {
    for (const it of sockets)
      it.write('GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n'.repeat(10));
    return pause(2_000);
  });
  for (const it of sockets) it.destroy();
  // Where all cores are busy, 600 pages at once take the server's thread a second.
  expect(met).toEqual(nobodyHeldUp(300, 1_500));
});

it('nosniff stands in every answer', async () => {
  await using world = await start({ corsOrigins: ['https://a.example'] });
  const preflight = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
  const all: readonly [string, RequestInit?][] = [
    ['/graphql', { headers: HTML }],
    ['/graphql?query={changesHead}'],
    [
      '/graphql',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ changesHead }"}' },
    ],
    ['/graphql', { method: 'POST', body: 'x' }],
    ['/graphql?query=subscription{intercomFlatChanged{flatId}}', { headers: { accept: 'text/event-stream' } }],
    ['/graphql', { method: 'OPTIONS', headers: preflight }],
    ['/api/v1/billing/intercom-flats', { method: 'PATCH', body: '{}' }],
    ['/api/openapi.json'],
    ['/metrics'],
    ['/health/live'],
    ['/nothing'],
  ];
  for (const [path, init] of all) {
    const response = await fetch(world.url + path, init);
    expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    await response.body?.cancel();
  }
});

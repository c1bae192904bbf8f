import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../support/free-port.ts';
import { itNeeds } from '../support/it-needs.ts';
import { startNginx } from '../support/nginx.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { PROTOCOL, subscribing } from '../support/web-socket.ts';

const SERVICE = new URL('../../src/service/', import.meta.url);
const SITE = readFileSync(new URL('nginx.conf', SERVICE), 'utf8');
const [, CERTIFICATE = ''] =
  /^```sh\n(openssl.*?)```/ms.exec(readFileSync(new URL('README.md', SERVICE), 'utf8')) ?? [];

/** The site of nginx.conf, on a free port, with the certificate of the README beside it. */
async function nginxSite(target: string, readTimeout = '1h') {
  const folder = await tempFolder();
  const port = await freePort();
  const made = spawnSync('sh', ['-ec', CERTIFICATE.replaceAll('/etc/ssl', folder.path)], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const pem = folder.file('flats.example.pem');
  const site = SITE.replace('443 ssl', `127.0.0.1:${port} ssl`)
    .replaceAll('/etc/ssl', folder.path)
    .replace('http://127.0.0.1:4000', target)
    .replace('proxy_read_timeout 1h', `proxy_read_timeout ${readTimeout}`);
  const nginx = await startNginx(site, port);
  return {
    /** Opens a WebSocket, as a page of this origin would. */
    socket: (origin: string): WebSocket =>
      new WebSocket(`wss://127.0.0.1:${port}/graphql`, PROTOCOL, {
        ...{ origin, ca: readFileSync(pem), servername: 'flats.example' },
        headers: { host: 'flats.example' },
      }),
    async ask(options: object, body: string, localAddress = '127.0.0.1'): Promise<IncomingMessage> {
      const ca = readFileSync(pem);
      const asked = request({ host: '127.0.0.1', port, servername: 'flats.example', ca, localAddress, ...options });
      asked.end(body);
      const [response] = await once(asked, 'response');
      return response;
    },
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

itNeeds('nginx openssl', 'nginx openssl')(
  'the site of nginx.conf serves https, the stream and the real address',
  async () => {
    await using world = await start({
      flats: BUILDING,
      trustedProxies: ['127.0.0.1'],
      trustedNetworks: ['127.0.0.2'],
    });
    await using nginx = await nginxSite(world.url);
    const patch = { method: 'PATCH', path: '/api/v1/billing/intercom-flats', agent: false };
    const UPDATE = '{"flat_id":1,"is_analog_line_available":false}';
    expect((await nginx.ask(patch, UPDATE)).statusCode).toBe(403);
    const write = await world.bearer('write');

    const follow = await nginx.ask(
      {
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...write },
      },
      '{"query":"subscription { intercomFlatChanged { actor } }"}',
    );
    const from = async (address: string, headers = {}) => {
      const answer = await nginx.ask({ ...patch, headers }, UPDATE, address);
      return [answer.statusCode, JSON.parse(await text(answer)).message];
    };
    const missing = [401, expect.stringContaining('token')];
    expect(await from('127.0.0.3')).toEqual(missing);
    expect(await from('127.0.0.3', { 'x-forwarded-for': '127.0.0.2' })).toEqual(missing);
    expect(await from('127.0.0.1')).toEqual(missing);
    expect(await from('127.0.0.3', write)).toEqual([200, undefined]);
    expect(await from('127.0.0.2', { 'x-forwarded-for': '8.8.8.8' })).toEqual([200, undefined]);

    let events = '';
    for await (const piece of follow.setEncoding('utf8')) {
      events += piece;
      if (events.includes('"write"')) break;
    }
    expect(events).toContain('data: {"data":{"intercomFlatChanged":{"actor":"write"}}}');

    const bulk = `{"query":"{ __typename }","variables":{},"extensions":{"padding":"${'x'.repeat(4_000_000)}"}}`;
    const large = { method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json', ...write } };
    expect((await nginx.ask(large, bulk)).statusCode).toBe(200);
  },
);

itNeeds('nginx openssl', 'nginx openssl')('the site of nginx.conf passes WebSockets on', async () => {
  await using world = await start({ flats: BUILDING, trustedProxies: ['127.0.0.1'] });
  await using nginx = await nginxSite(world.url);
  const { authorization } = await world.bearer('write');
  const socket = nginx.socket('https://flats.example');
  const messages: { type: string; payload?: unknown }[] = [];
  socket.on('message', (bytes) => void messages.push(JSON.parse(String(bytes))));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await until(() => messages.length === 1);
  socket.send(JSON.stringify(subscribing('s', 'subscription { intercomFlatChanged { flatId } }')));
  await until(async () => / 1\n/.exec(await subscribers(world.url, authorization)) !== null);
  const began = performance.now();
  await world.patch({ flat_id: 1, is_analog_line_available: false }, { authorization });
  await until(() => messages.length === 2);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(messages[1]).toMatchObject({ type: 'next', payload: { data: { intercomFlatChanged: { flatId: '1' } } } });
  const refused = nginx.socket('https://evil.example');
  refused.on('error', () => {});
  const [, response] = await once(refused, 'unexpected-response');
  expect(response.statusCode).toBe(403);
  refused.terminate();
  // A request for another protocol is an ordinary one.
  const headers = { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings', 'http2-settings': '', authorization };
  expect((await nginx.ask({ path: '/graphql?query=%7BchangesHead%7D', headers }, '')).statusCode).toBe(200);
  socket.close();
  await once(socket, 'close');
});

const subscribers = async (url: string, authorization: string): Promise<string> => {
  const text = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text();
  return /^intercom_flats_subscribers.*\n/m.exec(text)?.[0] ?? '';
};

itNeeds('nginx openssl', 'nginx openssl')(
  'the site of nginx.conf waits for the answer of a long job, which nginx cuts where it is told to wait less',
  async () => {
    await using world = await start({
      ...{ flats: BUILDING, trustedProxies: ['127.0.0.1'], lockTimeoutMs: 1_000_000 },
    });
    const headers = { 'content-type': 'application/json', ...(await world.bearer('write')) };
    const query = `mutation { updateIntercomFlatsWhere(input: { filter: { intercomId: 1 }, isLandlineSipLineAvailable: false }) {
      ... on UpdateIntercomFlatsWhereSuccess { matched stoppedBy }
    } }`;
    /** Runs the job beside another process that locks the database until `isLongEnough`. */
    async function longJob(site: Awaited<ReturnType<typeof nginxSite>>, isLongEnough: (answered: boolean) => boolean) {
      const lock = await world.lock();
      let answered = false;
      const answer = site.ask({ method: 'POST', path: '/graphql', headers }, JSON.stringify({ query })).finally(() => {
        answered = true;
      });
      await until(() => isLongEnough(answered));
      await lock[Symbol.asyncDispose]();
      const response = await answer;
      return [response.statusCode, await text(response)];
    }

    await using impatient = await nginxSite(world.url, '1s');
    expect(await longJob(impatient, (answered) => answered)).toEqual([504, expect.stringContaining('504')]);
    await until(() => world.requests.some((it) => it.includes('"outcome":"left"')));

    await using site = await nginxSite(world.url);
    const begunAt = performance.now();
    const waited = await longJob(site, () => performance.now() - begunAt > 1_500);
    expect(waited).toEqual([
      200,
      JSON.stringify({ data: { updateIntercomFlatsWhere: { matched: 2, stoppedBy: null } } }),
    ]);
  },
);

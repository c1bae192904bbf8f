import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { itNeeds } from '../support/it-needs.ts';
import { startNginx } from '../support/nginx.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The site of the README, on a free port, with a certificate of its own. */
async function nginxSite(target: string) {
  const folder = await tempFolder();
  const port = await freePort();
  const [key, pem] = [folder.file('key'), folder.file('pem')];
  const subject = ['-subj', '/CN=flats.example', '-addext', 'subjectAltName=DNS:flats.example'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  spawnSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', pem, ...subject]);
  const site = (/```nginx\n(.*?)```/s.exec(README)?.[1] ?? '')
    .replace('443 ssl', `127.0.0.1:${port} ssl`)
    .replace('/etc/ssl/flats.example.pem', pem)
    .replace('/etc/ssl/flats.example.key', key)
    .replace('http://127.0.0.1:4000', target);
  const nginx = await startNginx(site, port);
  return {
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
  'the site of the README serves https, the stream and the real address',
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

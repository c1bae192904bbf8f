import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createConsoleRoute } from '../../src/console/door.ts';
import { buildPageFiles } from '../../src/console/page-files.ts';
import { start } from '../support/start.ts';

/** The files that the page names. */
const namesIn = (html: string) => [...html.matchAll(/(?:src|href)="([\w.-]+)"/g)].map(([, name = '']) => name);

/** The bytes as they are sent, which `fetch` would unpack. */
const raw = (url: string, headers: Record<string, string>) =>
  new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    request(url, { headers }, async (response) => {
      resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(await response.toArray()),
      });
    })
      .on('error', reject)
      .end();
  });

it('serves the page and its files to anybody, within their budgets', async () => {
  // A token, so that nobody is let in without one.
  await using world = await start();
  await world.bearer('read');
  const moved = await fetch(`${world.url}/console`, { redirect: 'manual' });
  expect([moved.status, moved.headers.get('location')]).toEqual([308, '/console/']);

  const page = await fetch(`${world.url}/console/`);
  expect(page.status).toBe(200);
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  });
  const names = namesIn(await page.text());
  expect(names.map((it) => it.replace(/-[A-Z0-9]{8}\./, '.'))).toEqual(['console.css', 'main.js']);

  const sizes: Record<string, number> = {};
  for (const name of names) {
    const plain = await raw(`${world.url}/console/${name}`, {});
    const packed = await raw(`${world.url}/console/${name}`, { 'accept-encoding': 'gzip' });
    expect(packed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    });
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    expect(packed.headers['etag']).not.toBe(plain.headers['etag']);
    sizes[name.endsWith('.js') ? 'js' : 'css'] = packed.body.length;
  }
  expect(sizes['js']).toBeLessThan(40 * 1024);
  expect(sizes['css']).toBeLessThan(6 * 1024);

  const copy = { 'if-none-match': page.headers.get('etag') as string };
  expect(await raw(`${world.url}/console/`, copy)).toMatchObject({ status: 200 });
  const own = (await raw(`${world.url}/console/`, {})).headers['etag'] as string;
  expect(await raw(`${world.url}/console/`, { 'if-none-match': own })).toMatchObject({ status: 304 });

  const head = await fetch(`${world.url}/console/`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const post = await fetch(`${world.url}/console/`, { method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  for (const name of ['main.js', '../package.json', '%2e%2e/package.json', 'files/main.js']) {
    expect([name, (await raw(`${world.url}/console/${name}`, {})).status]).toEqual([name, 404]);
  }
  expect(world.requests.some((it) => it.includes('"door":"console"'))).toBe(true);
});

it('is not there with CONSOLE=off', async () => {
  await using world = await start({ console: false });
  expect((await fetch(`${world.url}/console/`)).status).toBe(404);
  expect((await fetch(`${world.url}/console`)).status).toBe(404);
});

it('the page carries the name of the installation as text', async () => {
  const name = "\"><b>TEST & 'Ёлка'";
  await using world = await start({ serviceName: name });
  const html = await (await fetch(`${world.url}/console/`)).text();
  expect(html).toContain(`<meta name="service" content="&#34;&#62;&#60;b&#62;TEST &#38; 'Ёлка'">`);
  expect((await world.gql('{ service { name version } }')).data).toEqual({ service: { name, version: '0.0.0' } });
  await using nameless = await start();
  expect((await nameless.gql('{ service { name } }')).data).toEqual({ service: { name: null } });
});

it('the page that was not built is a 503 and one line in the log, and is not tried again', async () => {
  const faults: unknown[] = [];
  let builds = 0;
  const route = createConsoleRoute(
    (fault) => faults.push(fault),
    undefined,
    () => {
      builds++;
      return buildPageFiles(undefined, '/nowhere/');
    },
  );
  const sent: unknown[] = [];
  const exchange = {
    path: '/console/',
    locale: 'en',
    sendJson: (status: number, body: unknown) => void sent.push([status, body]),
  };
  for (const _ of [1, 2]) await route.handle(exchange as never, Buffer.alloc(0));
  const answer = [503, { message: 'The console could not be built; the log of the service says why.' }];
  expect([sent, faults.length, builds]).toEqual([[answer, answer], 1, 1]);
});

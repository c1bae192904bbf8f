import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { TESTER } from './support/origin.ts';
import { rows } from './support/rows.ts';
import { spawnNode, spawnServer } from './support/spawn.ts';
import { BUILDING } from './support/start.ts';
import { tempFolder } from './support/temp-folder.ts';

async function fill(file: string): Promise<void> {
  await using store = openStore({ file });
  await store.importRows(TESTER, BUILDING);
}

const patch = (url: string, body: object) =>
  fetch(`${url}/api/v1/billing/intercom-flats`, { method: 'PATCH', body: JSON.stringify(body) });

describe.concurrent('npm start', () => {
  it('makes the database, serves, and ends with 0 at SIGTERM', async () => {
    await using folder = await tempFolder();
    await using server = await spawnServer(folder.file('data/x.db'));
    expect((await patch(server.url, { flat_id: 1 })).status).toBe(422);
    expect(existsSync(folder.file('data/x.db'))).toBe(true);
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('stops at a bad variable with one message and exit code 2', async () => {
    await using folder = await tempFolder();
    await using server = spawnNode('src/server.ts', [], { PORT: 'x', LOG_LEVEL: 'y' }, folder.path);
    expect(await server.exit).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: `Bad environment; accepted are:
  PORT: a whole number from 0 to 65535 (0 takes any free port)
  LOG_LEVEL: one of fatal, error, warn, info, debug, trace, silent
`,
    });
  });

  it('says which port is in use', async () => {
    await using folder = await tempFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using server = spawnNode('src/server.ts', [], { PORT: String(port) }, folder.path);
    expect(await server.exit).toMatchObject({
      code: 1,
      stderr: `Cannot listen on 127.0.0.1 port ${port}: the port is in use by another program; set PORT to another one.\n`,
    });
    other.close();
  });

  it('does not serve the network without any token, and says what to do', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using server = spawnNode('src/server.ts', [], { HOST: '0.0.0.0', PORT: '0', DATABASE_URL: `file:${file}` });
    expect(await server.exit).toEqual({
      code: 1,
      signal: null,
      stdout: expect.stringMatching(/^[^\n]+"msg":"database opened"}\n$/),
      stderr: `There is no token in ${file}, and without one only this machine may be served, not 0.0.0.0. Make one first:

  DATABASE_URL='file:${file}' npm run token -- create NAME --scope admin

Or set HOST to 127.0.0.1.
`,
    });
  });

  it('serves the network once there is a token, and whoever shows it', async () => {
    await using folder = await tempFolder();
    const env = { DATABASE_URL: `file:${folder.file('x.db')}` };
    const created = await spawnNode('src/cli.ts', ['token', 'create', 'crm', '--scope', 'write'], env).exit;
    await using server = await spawnServer(folder.file('x.db'), { HOST: '0.0.0.0' });
    const ask = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/v1/billing/intercom-flats`, { method: 'PATCH', headers, body: '{}' });
    const authorization = `Bearer ${created.stdout.trim()}`;
    expect([(await ask({})).status, (await ask({ authorization })).status]).toEqual([401, 422]);
    expect(server.stdout()).not.toContain('there is no token');
  });
});

describe.concurrent('an acknowledged update', () => {
  it('survives kill -9 at once after the answer, state and log in agreement', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await fill(file);
    for (let round = 0; round < 5; round++) {
      await using server = await spawnServer(file);
      const analog = round % 2 === 1;
      const answer = await patch(server.url, { flat_id: 1, is_analog_line_available: analog });
      server.child.kill('SIGKILL');
      expect(answer.headers.get('etag')).toBe(`"${round + 2}"`);
      await server.exit;
      expect(rows(file, 'select analog, version from flats where id = 1')).toEqual([
        { analog: Number(analog), version: round + 2 },
      ]);
      expect(rows(file, 'select count(*) n, max(seq) - min(seq) + 1 span from changes')).toEqual([
        { n: round + 1, span: round + 1 },
      ]);
    }
  });

  it('is there after a restart', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await fill(file);
    {
      await using server = await spawnServer(file);
      await patch(server.url, { flat_id: 1, is_analog_line_available: false });
      server.child.kill('SIGTERM');
      await server.exit;
    }
    await using server = await spawnServer(file);
    const answer = await patch(server.url, { flat_id: 1 });
    expect([answer.headers.get('etag'), await answer.json()]).toMatchObject([
      '"2"',
      { properties: { is_analog_line_available: false } },
    ]);
  });
});

it('lets two servers start together on a database that is not there yet', async () => {
  await using folder = await tempFolder();
  const servers = await Promise.all([spawnServer(folder.file('x.db')), spawnServer(folder.file('x.db'))]);
  for (const server of servers) {
    expect((await patch(server.url, { flat_id: 1 })).status).toBe(422);
    await server[Symbol.asyncDispose]();
  }
});

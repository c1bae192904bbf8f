import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { itOnFile } from '../support/it-needs.ts';
import { TESTER } from '../support/origin.ts';
import { type Spawned, spawnServer } from '../support/spawn.ts';
import { subscribe } from '../support/sse.ts';
import { BUILDING } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** How long requests in flight may take to end once the service stops. */
const GRACE_MS = 10_000;

/** When a server that was sent a signal began to stop, by its log. */
const stopBegan = async (server: Spawned): Promise<number> =>
  Number(await server.printed(/"time":(\d+)[^\n]*"msg":"stopping"/));

describe.concurrent('at SIGTERM', () => {
  it('a connection on which nothing was ever sent does not hold the service up', async () => {
    await using database = await tempDatabase();
    await using server = await spawnServer('', database.env);
    const { hostname, port } = new URL(server.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const closedAt = once(silent, 'close').then(() => Date.now());
    server.child.kill('SIGTERM');
    const began = await stopBegan(server);
    expect(await server.exit).toMatchObject({ code: 0 });
    // How long the process itself takes to end depends on the machine.
    expect((await closedAt) - began).toBeLessThan(GRACE_MS);
  });

  it('busy clients get the answers that are due, and none that was acknowledged is lost', async () => {
    await using database = await tempDatabase();
    {
      await using store = await database.open();
      await store.importRows(TESTER, BUILDING);
    }
    await using server = await spawnServer('', database.env);
    let version = 1;
    const client = async () => {
      for (;;) {
        let response: Response;
        try {
          response = await fetch(`${server.url}/api/v1/billing/intercom-flats`, {
            method: 'PATCH',
            body: JSON.stringify({ flat_id: 1, is_analog_line_available: Math.random() < 0.5 }),
          });
        } catch {
          // The service is gone; a new request cannot reach it.
          return;
        }
        expect(response.status).toBe(200);
        version = Math.max(version, Number(response.headers.get('etag')?.slice(1, -1)));
        await response.arrayBuffer();
      }
    };
    const clients = Array.from({ length: 8 }, client);
    while (version < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    const refusedAt = Promise.all(clients).then(() => Date.now());
    server.child.kill('SIGTERM');
    const began = await stopBegan(server);
    expect(await server.exit).toMatchObject({ code: 0 });
    expect((await refusedAt) - began).toBeLessThan(GRACE_MS);
    const [row] = await database.rows('select version from flats where id = 1');
    expect(row?.['version']).toBeGreaterThanOrEqual(version);
  });

  itOnFile('leaves nothing beside the database, and cuts streams, so that their clients come back', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using server = await spawnServer(file);
    const stream = await subscribe(server.url, 'subscription { intercomFlatChanged { flatId } }');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    server.child.kill('SIGINT');
    await expect(stream.events.next()).rejects.toThrow();
    expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder.path)).toEqual(['x.db']);
  });

  itOnFile('leaves an empty log to another process that reads the database, and does not wait for it', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using server = await spawnServer(file);
    const other = new Sqlite(file);
    other.prepare('select count(*) from flats').get();
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
    expect([statSync(`${file}-wal`).size, other.pragma('quick_check', { simple: true })]).toEqual([0, 'ok']);
    other.close();
  });

  it('ends at once at a second signal, whatever is in flight, with every line of its log', async () => {
    await using database = await tempDatabase();
    await using server = await spawnServer('', database.env);
    const { port } = new URL(server.url);
    const held = connect(Number(port), '127.0.0.1');
    held.on('error', () => {});
    held.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n');
    await fetch(`${server.url}/last`, { headers: { 'x-request-id': 'last' } });
    server.child.kill('SIGTERM');
    await server.printed(/stopping/);
    server.child.kill('SIGINT');
    const { code, stdout } = await server.exit;
    expect([code, stdout.includes('"requestId":"last"')]).toEqual([130, true]);
    held.destroy();
  });

  it('says for DRAIN_SECONDS that it is not ready, and serves all the same', async () => {
    await using database = await tempDatabase();
    // Nobody waits for the end of this one.
    await using server = await spawnServer('', { ...database.env, DRAIN_SECONDS: '100' });
    const ask = async (path: string) => (await fetch(server.url + path)).status;
    expect(await ask('/health/ready')).toBe(200);
    server.child.kill('SIGTERM');
    await server.printed(/stopping/);
    expect([await ask('/health/ready'), await ask('/health/live'), await ask('/x')]).toEqual([503, 200, 404]);
  });

  it('ends after DRAIN_SECONDS', async () => {
    await using database = await tempDatabase();
    await using server = await spawnServer('', { ...database.env, DRAIN_SECONDS: '1' });
    const asked = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeGreaterThan(1_000);
  });
});

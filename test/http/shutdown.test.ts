import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { rows } from '../support/rows.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('at SIGTERM', () => {
  it('a connection on which nothing was ever sent does not hold the service up', async () => {
    await using folder = await tempFolder();
    await using server = await spawnServer(folder.file('x.db'));
    const { hostname, port } = new URL(server.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const asked = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeLessThan(5_000);
  });

  it('busy clients get the answers that are due, and none that was acknowledged is lost', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    {
      await using store = openStore({ file });
      await store.place(BUILDING);
    }
    await using server = await spawnServer(file);
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
    const asked = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeLessThan(5_000);
    await Promise.all(clients);
    const [{ stored }] = rows(file, 'select version stored from flats where id = 1') as [{ stored: number }];
    expect(stored).toBeGreaterThanOrEqual(version);
  });
});

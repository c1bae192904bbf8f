import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { run as backup } from '../../src/cli/commands/backup.ts';
import { run as copy } from '../../src/cli/commands/copy.ts';
import { run as exportFlats } from '../../src/cli/commands/export.ts';
import { run as importFlats } from '../../src/cli/commands/import.ts';
import { run as prune } from '../../src/cli/commands/prune.ts';
import { run as token } from '../../src/cli/commands/token.ts';
import { newDatabase, POSTGRES_BIN, query } from '../support/postgres.ts';
import { desk } from '../support/run-cli.ts';
import { spawnServer } from '../support/spawn.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** A user who must show a password. */
const CAREFUL =
  "do $$ begin create role guarded login password 'rIght7'; exception when others then null; end $$; grant create on schema public to guarded";

describe.skipIf(POSTGRES_BIN === undefined)('the password of a PostgreSQL database, while it is away', () => {
  it('is in no answer, line or metric of the service, nor in what commands print, whatever goes wrong', async () => {
    const url = new URL(await newDatabase());
    await query(url.href, CAREFUL);
    await using proxy = await tcpProxy(Number(url.port));
    const through = `postgres://guarded:rIght7@127.0.0.1:${proxy.port}${url.pathname}`;
    const env = { DATABASE_URL: through, LOG_LEVEL: 'trace' };
    /** Of the commands, in seconds. */
    let patience = '60';
    const printed: string[] = [];
    await using at = await desk();
    const run = async (command: Command, ...args: string[]) => {
      const { code, out, err } = await at.run(command, args, {
        env: { ...env, DATABASE_PATIENCE: patience },
        input: 'intercom_id,flat\n1,1\n',
      });
      printed.push(out, err);
      return code;
    };
    const begun = performance.now();
    expect(await run(importFlats, '-', '--json')).toBe(0);
    // Longer than this machine takes to connect.
    const ofServer = String(2 + Math.ceil((performance.now() - begun) / 1_000));
    {
      await using server = await spawnServer('', { ...env, DATABASE_PATIENCE: ofServer });
      const ask = async (path: string, body?: object) => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
        const response = await fetch(server.url + path, body && init);
        const text = await response.text();
        printed.push(JSON.stringify([...response.headers]), text);
        return [response.status, /"code":"(\w+)"/.exec(text)?.[1]];
      };
      const write = () =>
        ask('/graphql', { query: 'mutation { deleteIntercom(input: { intercomId: 1, force: true }) { __typename } }' });
      const read = () => ask('/graphql', { query: '{ intercomFlats { nodes { flat keys { code } } } }' });
      expect(await run(token, 'list', '--json')).toBe(0);
      expect(await run(prune, '--older-than', '1h', '--json')).toBe(0);
      expect(await run(backup, at.path('x.db'))).toBe(1);
      // Its connections are there from here on.
      await until(async () => (await read())[0] === 200);
      await query(url.href, 'alter table keys rename to others');
      expect(await read()).toEqual([500, 'INTERNAL_SERVER_ERROR']);
      await query(url.href, 'alter table others rename to keys');
      proxy.set('closed');
      patience = '1';
      expect(await write()).toEqual([503, 'STORAGE_BUSY']);
      expect(await read()).toEqual([503, 'STORAGE_BUSY']);
      expect(await ask('/health/ready')).toEqual([503, undefined]);
      expect(await ask('/metrics')).toEqual([200, undefined]);
      for (const [command, ...args] of [
        ...[[importFlats, '-', '--json'], [importFlats, '-', '--dry-run', '--json'], [exportFlats], [token, 'list']],
        ...[
          [prune, '--older-than', '1h', '--json'],
          [copy, '--from', through, '--to', 'file:y.db', '--json'],
        ],
      ] as [Command, ...string[]][]) {
        expect([args, await run(command, ...args)]).toEqual([args, 1]);
      }
      proxy.set('open');
      await until(async () => (await ask('/health/ready'))[0] === 200);
      expect(await ask('/metrics')).toEqual([200, undefined]);
      server.child.kill('SIGTERM');
      const { stdout, stderr } = await server.exit;
      printed.push(stdout, stderr);
      expect(stdout).toContain('"level":50');
    }
    expect(printed.join('').length).toBeGreaterThan(10_000);
    expect(printed.filter((it) => /rIght7|guarded:/.test(it))).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { childrenOf, POSTGRES_BIN, RUN_AS } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const README = readFileSync(fileURLToPath(new URL('../../src/store/postgres/README.md', import.meta.url)), 'utf8');
const [first = '', second = '', promote = '', backup = '', ...more] = [
  ...README.matchAll(/^```bash\n([\s\S]*?)^```$/gm),
].map(([, text = '']) => text);

it.skipIf(POSTGRES_BIN === undefined)('the cluster by hand works as it is written', { timeout: 90_000 }, async () => {
  expect(more).toEqual([]);
  await using folder = await tempFolder();
  if (RUN_AS.uid !== undefined) chownSync(folder.path, RUN_AS.uid, RUN_AS.gid as number);
  const [port1, port2] = [String(await freePort()), String(await freePort())];
  const env = {
    PATH: `${POSTGRES_BIN}:${process.env['PATH']}`,
    LC_ALL: 'C.UTF-8',
    HOME: folder.path,
    // Debian's programs put their sockets into a folder of the system.
    PGHOST: folder.path,
    ...{ DATA1: folder.file('one'), DATA2: folder.file('two'), BACKUP: folder.file('backup'), NETWORK: '127.0.0.1/32' },
    ...{ HOST1: '127.0.0.1', PORT1: port1, HOST2: '127.0.0.1', PORT2: port2 },
    ...{ FLATS_PASSWORD: 'first secret', STANDBY_PASSWORD: 'second secret' },
  };
  const pgpass = folder.file('.pgpass');
  writeFileSync(pgpass, '127.0.0.1:*:*:flats:first secret\n127.0.0.1:*:*:standby:second secret\n');
  chmodSync(pgpass, 0o600);
  if (RUN_AS.uid !== undefined) chownSync(pgpass, RUN_AS.uid, RUN_AS.gid as number);
  const run = (script: string) =>
    execFileSync('bash', ['-euc', script], {
      ...RUN_AS,
      env,
      cwd: folder.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const sockets = `unix_socket_directories = '${folder.path}'\nfsync = off\n`;
  const pidOf = (data: string) => Number(readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n')[0]);
  const kill = (data: string) => {
    const pid = pidOf(data);
    for (const it of [pid, ...childrenOf(pid)]) process.kill(it, 'SIGKILL');
  };
  try {
    run(first.replace('wal_compression', `${sockets}wal_compression`));
    run(second);
    const url = `postgres://flats:first%20secret@127.0.0.1:${port1},127.0.0.1:${port2}/flats`;
    await using store = await openPostgresStore(url, { patienceMs: 10_000 });
    expect((await store.importRows(TESTER, [{ intercomId: 1, flat: 1, lines: {} }])).outcomes).toMatchObject([
      { kind: 'created' },
    ]);
    await until(async () => ((await store.serverUse?.())?.standbys.synchronous ?? 0) === 1, 100);
    expect(await store.serverUse?.()).toMatchObject({ standbys: { all: 1, synchronous: 1 }, timeline: 1 });
    mkdirSync(env.BACKUP);
    if (RUN_AS.uid !== undefined) chownSync(env.BACKUP, RUN_AS.uid, RUN_AS.gid as number);
    run(backup);
    expect(readFileSync(`${env.BACKUP}/flats.dump`).subarray(0, 5).toString()).toBe('PGDMP');

    kill(env.DATA1);
    run(promote);
    const outcome = await store.amend({ actor: 'a', channel: 'CLI' }, [
      { ref: { by: 'id', flatId: 1 }, patch: { analog: false }, acceptedVersions: undefined, reason: null },
    ]);
    expect(outcome).toMatchObject([{ kind: 'written' }]);
    expect(await store.serverUse?.()).toMatchObject({ timeline: 2 });
  } finally {
    for (const data of [env.DATA1, env.DATA2]) {
      try {
        kill(data);
      } catch {
        // It is not running.
      }
    }
  }
});

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLUSTER_COMMANDS } from '../support/cluster-page.ts';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { childrenOf, POSTGRES_BIN, query, RUN_AS } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const { first, second, promote, backup, restore } = CLUSTER_COMMANDS;
const set = (analog: boolean) => [
  { ref: { by: 'id', flatId: 1 }, patch: { analog }, acceptedVersions: undefined, reason: null } as const,
];

it.skipIf(POSTGRES_BIN === undefined)('the cluster by hand works as it is written', async () => {
  await using folder = await tempFolder();
  if (RUN_AS.uid !== undefined) chownSync(folder.path, RUN_AS.uid, RUN_AS.gid as number);
  const [port1, port2, port3] = [String(await freePort()), String(await freePort()), String(await freePort())];
  const env = {
    PATH: `${POSTGRES_BIN}:${process.env['PATH']}`,
    LC_ALL: 'C.UTF-8',
    HOME: folder.path,
    // Debian's programs put their sockets into a folder of the system.
    PGHOST: folder.path,
    ...{ DATA1: folder.file('one'), DATA2: folder.file('two'), BACKUP: folder.file('backup'), NETWORK: '127.0.0.1/32' },
    ...{ HOST1: '127.0.0.1', PORT1: port1, HOST2: '127.0.0.1', PORT2: port2, PORT3: port3 },
    ...{ ARCHIVE: folder.file('archive'), RESTORED: folder.file('restored') },
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
    run('mkdir "$ARCHIVE"');
    run(first.replace('wal_compression', `${sockets}wal_compression`));
    run(second);
    const url = `postgres://flats:first%20secret@127.0.0.1:${port1},127.0.0.1:${port2}/flats`;
    await using store = await openPostgresStore(url);
    expect((await store.importRows(TESTER, [{ intercomId: 1, flat: 1, lines: {} }])).outcomes).toMatchObject([
      { kind: 'created' },
    ]);
    await until(async () => ((await store.serverUse?.())?.standbys.synchronous ?? 0) === 1, 100);
    expect(await store.serverUse?.()).toMatchObject({ standbys: { all: 1, synchronous: 1 }, timeline: 1 });
    run('mkdir "$BACKUP"');
    run(backup);
    expect(readFileSync(`${env.BACKUP}/flats.dump`).subarray(0, 5).toString()).toBe('PGDMP');

    // The archive brings what was committed after the backup.
    expect(await store.amend({ actor: 'a', channel: 'CLI' }, set(false))).toMatchObject([{ kind: 'written' }]);
    const newest = run('psql -p "$PORT1" -d postgres -Atc "select pg_walfile_name(pg_switch_wal())"').trim();
    await until(() => existsSync(`${env.ARCHIVE}/${newest}`), 50);
    run(restore);
    const restoredUrl = url.replace(/127.*flats/, `127.0.0.1:${port3}/flats`);
    await until(
      async () => (await query(restoredUrl, 'select pg_is_in_recovery() as still')).rows[0].still === false,
      50,
    );
    await using restored = await openPostgresStore(restoredUrl);
    expect([restored.epoch, await restored.findFlat({ by: 'id', flatId: 1 })]).toMatchObject([
      store.epoch,
      { version: 2, lines: { analog: false } },
    ]);
    expect(await restored.amend({ actor: 'a', channel: 'CLI' }, set(true))).toMatchObject([{ kind: 'written' }]);

    kill(env.DATA1);
    run(promote);
    expect(await store.amend({ actor: 'a', channel: 'CLI' }, set(true))).toMatchObject([{ kind: 'written' }]);
    expect(await store.serverUse?.()).toMatchObject({ timeline: 2 });
  } finally {
    for (const data of [env.DATA1, env.DATA2, env.RESTORED]) {
      try {
        kill(data);
      } catch {
        // It is not running.
      }
    }
  }
});

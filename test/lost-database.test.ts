import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { type Spawned, spawnServer } from './support/spawn.ts';
import { BUILDING } from './support/start.ts';
import { tempFolder } from './support/temp-folder.ts';
import { until } from './support/until.ts';

const TEXT =
  'The database was moved, replaced, deleted or damaged while the service runs, so nothing can be read or stored now; its operator has to look.';
const MOVED = 'the database file was moved, replaced or deleted';
const LOG_MOVED = 'the -wal file of the database was moved, replaced or deleted';

async function place(file: string): Promise<void> {
  await using store = openStore({ file });
  await store.place(
    Array.from({ length: 200 }, (_, i) => ({ intercomId: 5, flat: i + 1, lines: {}, keys: [`K${i}`] })),
  );
  await store.place(BUILDING);
}

const patch = (url: string, analog: boolean) =>
  fetch(`${url}/api/v1/billing/intercom-flats`, {
    method: 'PATCH',
    body: JSON.stringify({ flat_id: 1, is_analog_line_available: analog }),
  });
const gql = (url: string, query: string) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

/** The errors of the log, and what it said later of the storage. */
const lines = (server: Spawned) =>
  server
    .stdout()
    .split('\n')
    .filter((it) => it.includes('storage'))
    .map((it) => JSON.parse(it))
    .map(({ level, reason, msg }) => [level, reason, msg]);

describe('once its database is not the one that is open, the service promises nothing', () => {
  it.each<[string, (folder: string, file: string) => void, string]>([
    ['deleted', (_, file) => rmSync(file), MOVED],
    ['renamed', (_, file) => renameSync(file, `${file}.old`), MOVED],
    [
      'replaced by a copy',
      (_, file) => {
        cpSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
      MOVED,
    ],
    [
      'gone with its log and all',
      (_, file) => {
        for (const it of ['', '-wal', '-shm']) rmSync(file + it);
      },
      MOVED,
    ],
    ['without its log', (_, file) => rmSync(`${file}-wal`), LOG_MOVED],
    ['cut short', (_, file) => truncateSync(file, 8_192), 'the database file was cut short'],
    ['in a folder that was renamed', (folder) => renameSync(`${folder}/data`, `${folder}/other`), MOVED],
    [
      'in a folder that was replaced',
      (folder) => {
        renameSync(`${folder}/data`, `${folder}/other`);
        mkdirSync(`${folder}/data`);
      },
      MOVED,
    ],
  ])('when it is %s', async (_, harm, reason) => {
    await using folder = await tempFolder();
    mkdirSync(folder.file('data'));
    const file = folder.file('data/x.db');
    await place(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    harm(folder.path, file);

    // The first answer after it is no promise either, though nobody has looked yet.
    const rest = await patch(server.url, true);
    expect([rest.status, rest.headers.get('retry-after'), await rest.json()]).toEqual([503, '30', { message: TEXT }]);
    const read = await gql(server.url, '{ intercomFlat(by: { flatId: 1 }) { version } }');
    expect([read.status, await read.json()]).toEqual([
      503,
      { errors: [{ message: TEXT, extensions: { code: 'STORAGE_LOST' } }] },
    ]);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    for (let i = 0; i < 20; i++) expect((await patch(server.url, i % 2 === 0)).status).toBe(503);
    expect(lines(server)).toEqual([[50, reason, 'the storage fails']]);
    expect(server.stdout()).not.toContain('"stack"');

    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 1, stderr: '' });
  });

  it('also when nobody writes, within a second, and goes on when the file comes back', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await place(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    renameSync(file, `${file}.aside`);
    await until(() => lines(server).length === 1);
    expect((await gql(server.url, '{ changesHead }')).status).toBe(503);
    renameSync(`${file}.aside`, file);
    await until(() => lines(server).length === 2);
    expect(lines(server)).toEqual([
      [50, MOVED, 'the storage fails'],
      [30, undefined, 'the storage works again'],
    ]);
    expect((await patch(server.url, true)).headers.get('etag')).toBe('"3"');
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
  });

  it('and leaves the log of another database alone that took its place', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await place(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    for (const it of ['', '-wal', '-shm']) renameSync(file + it, `${file}.old${it}`);
    await place(file);
    await using other = await spawnServer(file);
    expect((await patch(other.url, false)).status).toBe(200);
    expect((await patch(server.url, true)).status).toBe(503);
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 1 });
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect((await patch(other.url, true)).status).toBe(200);
    expect(lines(other)).toEqual([]);
  });
});

/** The service as a user who may not do everything. */
async function startAsNobody(file: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/server.ts', import.meta.url))], {
    env: { DATABASE_URL: `file:${file}`, PORT: '0', PATH: process.env['PATH'] ?? '' },
    uid: 65_534,
    gid: 65_534,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (it) => {
      out += it;
    });
  return { child, out: () => out };
}

/** Only root can start a service as somebody else; others are stopped by the same rights themselves. */
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

describe('a database that may be read and not written', () => {
  itAsRoot.each<[string, (folder: string, file: string) => void]>([
    ['itself', (_, file) => chmodSync(file, 0o444)],
    ['for its folder', (folder) => chmodSync(folder, 0o555)],
  ])('stops the start with one sentence: %s', async (_, take) => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await place(file);
    for (const it of [folder.path, file]) chownSync(it, 65_534, 65_534);
    take(folder.path, file);
    const { child, out } = await startAsNobody(file);
    const [code] = await once(child, 'close');
    expect([code, out()]).toEqual([
      1,
      `Cannot use the database ${file}: it cannot be written; check the rights of the file and its folder.\n`,
    ]);

    chmodSync(folder.path, 0o755);
    chmodSync(file, 0o644);
    const again = await startAsNobody(file);
    await until(() => again.out().includes('"listening"'));
    const url = /"url":"([^"]+)"/.exec(again.out())?.[1] as string;
    expect((await patch(url, false)).status).toBe(200);
    again.child.kill('SIGTERM');
    await once(again.child, 'close');
  });
});

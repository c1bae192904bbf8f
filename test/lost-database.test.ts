import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import { TESTER } from './support/origin.ts';
import { rows } from './support/rows.ts';
import { spawnServer } from './support/spawn.ts';
import { BUILDING } from './support/start.ts';
import { expectStorageLines, storageLines } from './support/storage-lines.ts';
import { tempFolder } from './support/temp-folder.ts';
import { until } from './support/until.ts';

const TEXT =
  'The database was moved, replaced, deleted or damaged while the service is running, so nothing can be read or stored; the operator has to check it.';
const READ_ONLY = 'The database is read-only now, so nothing was stored; the operator has to check it.';
const MOVED = 'the database file was moved, replaced or deleted';
const LOG_MOVED = 'the -wal file of the database was moved, replaced or deleted';

async function importBuilding(file: string): Promise<void> {
  await using store = openStore({ file });
  await store.importRows(
    TESTER,
    Array.from({ length: 200 }, (_, i) => ({ intercomId: 5, flat: i + 1, lines: {}, keys: [`K${i}`] })),
  );
  await store.importRows(TESTER, BUILDING);
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

describe.concurrent('once its database is not the one that is open, the service promises nothing', () => {
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
    [
      'with a log that was cut short',
      (_, file) => truncateSync(`${file}-wal`, 0),
      'the -wal file of the database was cut short',
    ],
    [
      'with a log whose end was cut off',
      (_, file) => truncateSync(`${file}-wal`, statSync(`${file}-wal`).size - 1),
      'the -wal file of the database was cut short',
    ],
    [
      'without the index of its log',
      (_, file) => rmSync(`${file}-shm`),
      'the -shm file of the database was moved, replaced or deleted',
    ],
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
    await importBuilding(file);
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
    await expectStorageLines(server, [[50, 'not ready', reason]]);
    expect(server.stdout()).not.toContain('"stack"');

    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 1, stderr: '' });
  });

  it('also when nobody writes, within a second, and goes on when the file comes back', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    renameSync(file, `${file}.aside`);
    await until(() => storageLines(server).length === 1);
    expect((await gql(server.url, '{ changesHead }')).status).toBe(503);
    renameSync(`${file}.aside`, file);
    await until(() => storageLines(server).length === 2);
    expect(storageLines(server)).toEqual([
      [50, 'not ready', MOVED],
      [30, 'ready again'],
    ]);
    expect((await patch(server.url, true)).headers.get('etag')).toBe('"3"');
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
  });

  it('also when its log is back in its place', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    renameSync(`${file}-wal`, `${file}.aside`);
    expect((await patch(server.url, true)).status).toBe(503);
    renameSync(`${file}.aside`, `${file}-wal`);
    await until(() => storageLines(server).length === 2);
    expect((await patch(server.url, true)).headers.get('etag')).toBe('"3"');
    server.child.kill('SIGKILL');
    await server.exit;
    expect(rows(file, 'select version from flats where id = 1')).toEqual([{ version: 3 }]);
  });

  it('until it is started again, when the file was written under its other name', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    renameSync(file, `${file}.aside`);
    await until(() => storageLines(server).length === 1);
    const other = new Sqlite(`${file}.aside`);
    other.exec("update intercoms set title = 'Renamed'");
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    renameSync(`${file}.aside`, file);
    await until(() => storageLines(server).length === 2);
    expect(storageLines(server)).toEqual([
      [50, 'not ready', MOVED],
      [50, 'not ready', 'the database was written while it was under another name; restart the service'],
    ]);
    expect((await patch(server.url, true)).status).toBe(503);
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 1 });
  });

  it('and cuts its streams, so that followers come back', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file);
    const query = 'subscription { intercomFlatChanged { flatId } }';
    const stream = await fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/event-stream' },
    });
    rmSync(file);
    await expect(stream.text()).rejects.toThrow('terminated');
  });

  it('and loses nothing that it answered before, once the file has its name again', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    {
      await using server = await spawnServer(file);
      expect((await patch(server.url, false)).status).toBe(200);
      renameSync(file, `${file}.old`);
      expect((await patch(server.url, true)).status).toBe(503);
      server.child.kill('SIGTERM');
      await server.exit;
    }
    renameSync(`${file}.old`, file);
    await using again = await spawnServer(file);
    expect((await patch(again.url, true)).headers.get('etag')).toBe('"3"');
  });

  it('but goes on beside other processes that vacuum it, empty its log, or use it by a link', async () => {
    await using folder = await tempFolder();
    const [file, link] = [folder.file('x.db'), folder.file('link.db')];
    await importBuilding(file);
    symlinkSync(file, link);
    await using server = await spawnServer(link);
    const other = new Sqlite(file);
    for (let i = 0; i < 3; i++) {
      expect((await patch(server.url, i % 2 === 1)).status).toBe(200);
      other.exec('delete from keys where flat_id % 3 = 0; vacuum');
      other.pragma('wal_checkpoint(TRUNCATE)');
      expect(statSync(`${file}-wal`).size).toBe(0);
    }
    other.close();
    expect((await patch(server.url, true)).headers.get('etag')).toBe('"5"');
    expect(storageLines(server)).toEqual([]);
    // A link that leads elsewhere is another database.
    cpSync(file, folder.file('y.db'));
    rmSync(link);
    symlinkSync(folder.file('y.db'), link);
    expect((await patch(server.url, false)).status).toBe(503);
    await expectStorageLines(server, [[50, 'not ready', MOVED]]);
  });

  it('and leaves the log of another database alone that took its place', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file);
    expect((await patch(server.url, false)).status).toBe(200);
    for (const it of ['', '-wal', '-shm']) renameSync(file + it, `${file}.old${it}`);
    await importBuilding(file);
    await using other = await spawnServer(file);
    expect((await patch(other.url, false)).status).toBe(200);
    expect((await patch(server.url, true)).status).toBe(503);
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 1 });
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect((await patch(other.url, true)).status).toBe(200);
    expect(storageLines(other)).toEqual([]);
  });
});

const NOBODY = 65_534;

/** The service as a user who may not do everything. */
async function startAsNobody(file: string) {
  const compiled = `${COMPILE_CACHE.NODE_COMPILE_CACHE}-by-nobody`;
  mkdirSync(compiled, { recursive: true });
  chownSync(compiled, NOBODY, NOBODY);
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/server.ts', import.meta.url))], {
    env: {
      ...{ DATABASE_URL: `file:${file}`, PORT: '0', PATH: process.env['PATH'] ?? '' },
      NODE_COMPILE_CACHE: compiled,
    },
    uid: NOBODY,
    gid: NOBODY,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (it) => {
      out += it;
    });
  const closed = once(child, 'close');
  return {
    child,
    closed,
    out: () => out,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Only root can start a service as somebody else; others are stopped by the same rights themselves. */
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

describe.concurrent('a database that may be read and not written', () => {
  itAsRoot.each<[string, (folder: string, file: string) => void]>([
    ['itself', (_, file) => chmodSync(file, 0o444)],
    ['for its folder', (folder) => chmodSync(folder, 0o555)],
  ])('stops the start with one sentence: %s', async (_, take) => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    for (const it of [folder.path, file]) chownSync(it, NOBODY, NOBODY);
    take(folder.path, file);
    await using refused = await startAsNobody(file);
    const [code] = await refused.closed;
    expect([code, refused.out()]).toEqual([
      1,
      `Cannot use the database ${file}: it cannot be written; check the rights of the file and its folder.\n`,
    ]);

    chmodSync(folder.path, 0o755);
    chmodSync(file, 0o644);
    await using again = await startAsNobody(file);
    await until(() => again.out().includes('"listening"'));
    const url = /"url":"([^"]+)"/.exec(again.out())?.[1] as string;
    expect((await patch(url, false)).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.closed).toEqual([0, null]);
  });

  itAsRoot('and that is so while it is served, refuses changes, goes on reading, and says so once', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await importBuilding(file);
    for (const it of [folder.path, file]) chownSync(it, NOBODY, NOBODY);
    await using nobodys = await startAsNobody(file);
    const { child, closed, out } = nobodys;
    await until(() => out().includes('"listening"'));
    const url = /"url":"([^"]+)"/.exec(out())?.[1] as string;
    const server = { stdout: out };
    expect((await patch(url, false)).status).toBe(200);
    for (const [path, mode, taken] of [
      [file, 0o600, 0o400],
      [folder.path, 0o700, 0o500],
    ] as const) {
      const before = storageLines(server).length;
      chmodSync(path, taken);
      await until(() => storageLines(server).length > before);
      for (const analog of [true, false]) {
        const answer = await patch(url, analog);
        expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
          503,
          '30',
          { message: READ_ONLY },
        ]);
      }
      const change =
        'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: true }) { __typename } }';
      expect(await (await gql(url, change)).json()).toMatchObject({
        errors: [{ message: READ_ONLY, extensions: { code: 'STORAGE_READ_ONLY' } }],
      });
      expect((await gql(url, '{ intercomFlat(by: { flatId: 1 }) { version } }')).status).toBe(200);
      expect((await fetch(`${url}/health/ready`)).status).toBe(503);
      chmodSync(path, mode);
      await until(() => storageLines(server).length === before + 2);
    }
    const lost = [
      50,
      'not ready',
      'the database cannot be used: it cannot be written; check the rights of the file and its folder',
    ];
    expect(storageLines(server)).toEqual([lost, [30, 'ready again'], lost, [30, 'ready again']]);
    expect((await patch(url, true)).headers.get('etag')).toBe('"3"');
    expect(out()).not.toContain('"stack"');
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  });
});

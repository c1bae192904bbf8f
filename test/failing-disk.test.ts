import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { failingSync } from './support/failing-sync.ts';
import { itNeeds } from './support/it-needs.ts';
import { TESTER } from './support/origin.ts';
import { rows } from './support/rows.ts';
import { type Spawned, spawnServer } from './support/spawn.ts';
import { BUILDING } from './support/start.ts';
import { expectStorageLines } from './support/storage-lines.ts';
import { tempFolder } from './support/temp-folder.ts';

const NOT_STORED = 'The storage is busy, so nothing was stored; try again shortly.';
const UNKNOWN =
  'The disk failed during the commit, so it is unknown whether this was stored; read the present state, or send it again.';
const FAILS = [50, 'not ready', 'the database cannot be used: the disk fails (SQLITE_IOERR_FSYNC)'];
const ALWAYS = 1e9;

async function importBuilding(file: string): Promise<void> {
  await using store = openStore({ file });
  await store.importRows(TESTER, BUILDING);
}

async function patch(url: string, analog: boolean): Promise<unknown[]> {
  const response = await fetch(`${url}/api/v1/billing/intercom-flats`, {
    method: 'PATCH',
    body: JSON.stringify({ flat_id: 1, is_analog_line_available: analog }),
  });
  const body = (await response.json()) as { message?: string };
  return [response.status, response.headers.get('etag') ?? body.message];
}

async function gql(url: string, query: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}

async function kill(server: Spawned): Promise<void> {
  server.child.kill('SIGKILL');
  await server.exit;
}

/** The version of the first flat, and how many changes the log has of it, after everything was played back. */
const stored = (file: string): unknown =>
  rows(file, 'select (select version from flats where id = 1) as version, count(*) as changes from changes')[0];

const itWithCc = itNeeds('cc', 'gcc libc6-dev');

describe.concurrent('a disk that fails in a commit', () => {
  itWithCc('leaves a change that is played back after kill -9, unless another was written over it', async () => {
    await using folder = await tempFolder();
    const { env } = failingSync(folder.path);
    const file = folder.file('x.db');
    await importBuilding(file);
    const script = `
      import { writeFileSync } from 'node:fs';
      import Sqlite from 'better-sqlite3';
      const client = new Sqlite(${JSON.stringify(file)});
      client.pragma('synchronous = FULL');
      client.exec('update flats set version = 6 where id = 1');
      writeFileSync(process.env.FAILING_SYNC, '9');
      try {
        client.exec('update flats set version = 7 where id = 1');
      } catch (error) {
        console.log(error.code, client.prepare('select version from flats where id = 1').pluck().get());
      }
      process.kill(process.pid, 'SIGKILL');`;
    const control = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    expect(control.stdout).toBe('SQLITE_IOERR_FSYNC 6\n');
    expect(stored(file)).toEqual({ version: 7, changes: 0 });
  });

  itWithCc('is answered as not stored once that is certain, and kill -9 does not contradict it', async () => {
    await using folder = await tempFolder();
    const { env, fail } = failingSync(folder.path);
    const file = folder.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file, env);
    expect(await patch(server.url, false)).toEqual([200, '"2"']);
    fail(1);
    expect(await patch(server.url, true)).toEqual([503, NOT_STORED]);
    await expectStorageLines(server, [FAILS, [30, 'ready again']]);
    await kill(server);
    expect(stored(file)).toEqual({ version: 2, changes: 1 });

    await using again = await spawnServer(file, env);
    expect(await patch(again.url, true)).toEqual([200, '"3"']);
    fail(1);
    expect(await patch(again.url, false)).toEqual([503, NOT_STORED]);
    expect(await patch(again.url, false)).toEqual([200, '"4"']);
    await kill(again);
    expect(stored(file)).toEqual({ version: 4, changes: 3 });
  });

  itWithCc(
    'is answered as unknown as long as nothing is certain, at both doors, until a commit goes through',
    async () => {
      await using folder = await tempFolder();
      const { env, fail } = failingSync(folder.path);
      const file = folder.file('x.db');
      await importBuilding(file);
      await using server = await spawnServer(file, env);
      expect(await patch(server.url, false)).toEqual([200, '"2"']);
      fail(ALWAYS);
      expect(await patch(server.url, true)).toEqual([503, UNKNOWN]);
      const mutation =
        'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: true }) { __typename } }';
      expect(await gql(server.url, mutation)).toMatchObject({
        status: 503,
        body: { data: null, errors: [{ message: UNKNOWN, extensions: { code: 'OUTCOME_UNKNOWN' } }] },
      });
      const many =
        'mutation { updateIntercomFlatsWhere(input: { all: true, isAnalogLineAvailable: true }) { ... on UpdateIntercomFlatsWhereSuccess { changed stoppedBy } } }';
      expect(await gql(server.url, many)).toEqual({
        status: 200,
        body: { data: { updateIntercomFlatsWhere: { changed: 0, stoppedBy: 'OUTCOME_UNKNOWN' } } },
      });
      expect((await gql(server.url, '{ intercomFlat(by: { flatId: 1 }) { version } }')).body).toEqual({
        data: { intercomFlat: { version: 2 } },
      });
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
      await expectStorageLines(server, [FAILS]);
      expect(server.stdout()).not.toContain('"stack"');

      fail(0);
      expect(await patch(server.url, true)).toEqual([200, '"3"']);
      await expectStorageLines(server, [FAILS, [30, 'ready again']]);
      await kill(server);
      expect(stored(file)).toEqual({ version: 3, changes: 2 });
    },
  );

  itWithCc('contradicts no answer when it is killed while nothing is certain', async () => {
    await using folder = await tempFolder();
    const { env, fail } = failingSync(folder.path);
    const file = folder.file('x.db');
    await importBuilding(file);
    for (let round = 0; round < 2; round++) {
      const before = stored(file) as { version: number; changes: number };
      await using server = await spawnServer(file, env);
      fail(ALWAYS);
      const analog = before.version % 2 === 0;
      expect(await patch(server.url, analog)).toEqual([503, UNKNOWN]);
      await kill(server);
      fail(0);
      // State and log agree, and nothing is there but what was answered or may be.
      const { version, changes } = stored(file) as typeof before;
      expect(version - before.version).toBe(changes - before.changes);
      expect([0, 1]).toContain(version - before.version);
      await using again = await spawnServer(file, env);
      expect(await patch(again.url, version % 2 === 0)).toEqual([200, `"${version + 1}"`]);
      again.child.kill('SIGTERM');
      await once(again.child, 'close');
    }
  });
});

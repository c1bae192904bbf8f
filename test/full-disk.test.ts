import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { itNeeds } from './support/it-needs.ts';
import { TESTER } from './support/origin.ts';
import { smallDisk } from './support/small-disk.ts';
import { spawnNode, spawnServer } from './support/spawn.ts';
import { BUILDING } from './support/start.ts';
import { expectStorageLines } from './support/storage-lines.ts';
import { until } from './support/until.ts';

const TEXT = 'The disk of the service is full, so nothing was stored; the operator has to free some space.';
const ON_A_SMALL_DISK = { MIN_FREE_MB: '0' };
const FULL = [50, 'not ready', 'the disk is full'];

/** Takes all the room that a disk has. */
function fill(ballast: string): void {
  writeFileSync(ballast, '');
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(4_096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

async function importBuilding(file: string): Promise<void> {
  await using store = openStore({ file });
  await store.importRows(TESTER, BUILDING);
}

const patch = (url: string, analog: boolean, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/billing/intercom-flats`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ flat_id: 1, is_analog_line_available: analog }),
  });
const gql = (url: string, query: string) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
const READ = '{ intercomFlat(by: { flatId: 1 }) { version } }';
const mutation = (analog: boolean) =>
  `mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: ${analog} }) { __typename } }`;
const isReady = async (url: string) => (await fetch(`${url}/health/ready`)).status;

/** What a service answers whose disk is full. */
async function expectFull(url: string, version: number): Promise<void> {
  // Each version has the other state.
  const analog = version % 2 === 0;
  const rest = await patch(url, analog);
  expect([rest.status, rest.headers.get('retry-after'), await rest.json()]).toEqual([503, '30', { message: TEXT }]);
  const mutated = await gql(url, mutation(analog));
  expect([mutated.status, await mutated.json()]).toMatchObject([
    503,
    { data: null, errors: [{ message: TEXT, extensions: { code: 'STORAGE_FULL' } }] },
  ]);
  expect(await (await gql(url, READ)).json()).toEqual({ data: { intercomFlat: { version } } });
  expect(await isReady(url)).toBe(503);
}

describe.concurrent('on a full disk', () => {
  itNeeds('mount', 'mount')('changes are refused as such, reads go on, and it heals by itself', async () => {
    await using disk = await smallDisk(2_048);
    if (!disk) return;
    const file = disk.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file, ON_A_SMALL_DISK);
    expect((await patch(server.url, false)).status).toBe(200);
    fill(disk.file('ballast'));
    await expectFull(server.url, 2);
    for (let i = 0; i < 10; i++) expect((await patch(server.url, true)).status).toBe(503);
    expect(await isReady(server.url)).toBe(503);
    await expectStorageLines(server, [FULL]);

    rmSync(disk.file('ballast'));
    expect((await patch(server.url, true)).headers.get('etag')).toBe('"3"');
    await until(async () => (await isReady(server.url)) === 200);
    await expectStorageLines(server, [FULL, [30, 'ready again']]);
    expect(server.stdout()).not.toContain('"stack"');
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
  });

  itNeeds('mount', 'mount')('it heals without a change, too', async () => {
    await using disk = await smallDisk(2_048);
    if (!disk) return;
    const file = disk.file('x.db');
    await importBuilding(file);
    await using server = await spawnServer(file, ON_A_SMALL_DISK);
    fill(disk.file('ballast'));
    await expectFull(server.url, 1);
    rmSync(disk.file('ballast'));
    await until(async () => (await isReady(server.url)) === 200);
    await expectStorageLines(server, [FULL, [30, 'ready again']]);
  });

  itNeeds('mount', 'mount')('a start serves reads and says what is missing, until there is room', async () => {
    await using disk = await smallDisk(2_048);
    if (!disk) return;
    const file = disk.file('x.db');
    await importBuilding(file);
    fill(disk.file('ballast'));
    await using server = await spawnServer(file, ON_A_SMALL_DISK);
    await expectStorageLines(server, [FULL]);
    await expectFull(server.url, 1);
    await expectStorageLines(server, [FULL]);

    rmSync(disk.file('ballast'));
    await until(async () => (await isReady(server.url)) === 200);
    expect((await patch(server.url, false)).headers.get('etag')).toBe('"2"');
    await expectStorageLines(server, [FULL, [30, 'ready again']]);
    // Other processes can use the database again.
    const env = { DATABASE_URL: `file:${file}` };
    const created = await spawnNode('src/cli.ts', ['token', 'create', 'crm', '--scope', 'write'], env).exit;
    expect(created.code).toBe(0);
    const headers = { authorization: `Bearer ${created.stdout.trim()}` };
    expect((await patch(server.url, true, headers)).headers.get('etag')).toBe('"3"');
    server.child.kill('SIGKILL');
    await server.exit;
    await using again = await spawnServer(file, ON_A_SMALL_DISK);
    expect((await patch(again.url, true, headers)).headers.get('etag')).toBe('"3"');
  });

  itNeeds('mount', 'mount')('a start without a database is refused in one sentence', async () => {
    await using disk = await smallDisk(256);
    if (!disk) return;
    fill(disk.file('ballast'));
    const file = disk.file('x.db');
    await using server = spawnNode('src/server.ts', [], { DATABASE_URL: `file:${file}`, PORT: '0' });
    expect(await server.exit).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: `Cannot use the database ${file}: the disk is full.\n`,
    });
  });
});

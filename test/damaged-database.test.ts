import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { placeFlats } from './bench/database.ts';
import { hotDatabase } from './support/hot-copy.ts';
import { spawnNode, spawnServer } from './support/spawn.ts';
import { tempFolder } from './support/temp-folder.ts';

const PAGE = 4_096;

/** Overwrites bytes where they are, as a failing disk does. */
function overwrite(file: string, from: number, length: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, from);
  closeSync(descriptor);
}

const pagesOf = (file: string): number => statSync(file).size / PAGE;
const middle = (file: string): number => Math.floor(pagesOf(file) / 2) * PAGE;

const DAMAGED =
  'it is damaged, or no SQLite database at all; it was left as it is, and npm run restore brings a backup back';

/** The file and its log, to be compared. */
const contentOf = (file: string) => ['', '-wal'].map((suffix) => readFileSync(file + suffix).toString('base64'));

describe('a database that cannot be used', () => {
  it.each([
    ['begins with garbage', (file: string) => overwrite(file, 0, 100), () => DAMAGED],
    ['was cut short', (file: string) => truncateSync(file, middle(file)), () => DAMAGED],
    [
      'has other bytes in the middle of a page',
      (file: string) => overwrite(file, middle(file) + 50, 200),
      () => DAMAGED,
    ],
    [
      'is empty beside a log with data',
      (file: string) => writeFileSync(file, ''),
      (file: string) =>
        `it is empty or gone, but ${file}-wal still has data; restore a backup, or move ${file}-wal away to begin anew`,
    ],
  ])('is told and left as it is, with its log, when it %s', async (_, damage, reason) => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await hotDatabase(file, 500);
    damage(file);
    const before = contentOf(file);
    expect(() => openStore({ file })).toThrow(`Cannot use the database ${file}: ${reason(file)}.`);
    expect(contentOf(file)).toEqual(before);
  });

  it('ends npm start with that message', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await hotDatabase(file, 500);
    overwrite(file, middle(file) + 50, 200);
    const before = contentOf(file);
    await using server = spawnNode('src/server.ts', [], { DATABASE_URL: `file:${file}`, PORT: '0' });
    expect(await server.exit).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr: `Cannot use the database ${file}: ${DAMAGED}.\n`,
    });
    expect(contentOf(file)).toEqual(before);
  });
});

it('answers 500 for what it cannot read when the file is damaged while it serves, and goes on', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await placeFlats(file, 1, 2_000);
  await using server = await spawnServer(file);
  overwrite(file, middle(file), (pagesOf(file) * PAGE) / 2);
  const patch = (body: object) =>
    fetch(`${server.url}/api/v1/billing/intercom-flats`, { method: 'PATCH', body: JSON.stringify(body) });
  const statuses = new Set<number>();
  for (let flat_id = 1; flat_id <= 2_000; flat_id += 100) {
    const answer = await patch({ flat_id, is_analog_line_available: false });
    statuses.add(answer.status);
    if (answer.status === 500) expect(await answer.json()).toEqual({ message: 'Internal error.' });
  }
  expect([...statuses].filter((it) => it !== 200)).toEqual([500]);
  const list = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ intercomFlats(filter: { keyCode: "1999-A" }) { edges { node { id } } } }' }),
  });
  expect(await list.json()).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  expect((await patch({})).status).toBe(422);
  expect(server.child.exitCode).toBeNull();
});

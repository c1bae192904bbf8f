import { chmod, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/commands/export.ts';
import { run as runImport } from '../../src/cli/commands/import.ts';
import type { FlatRow, IntercomRow, Row } from '../../src/domain/import-row.ts';
import { openStore } from '../../src/store/open.ts';
import { TESTER } from '../support/origin.ts';
import { type Desk, desk } from '../support/run-cli.ts';
import { spawnNode, spawnServer } from '../support/spawn.ts';
import { BUILDING } from '../support/start.ts';

const HEADER =
  'intercom_id,flat,flat_id,is_smartphone_sip_line_available,is_landline_sip_line_available,is_analog_line_available,keys,users,intercom_title,intercom_external_id,intercom_flat_from,intercom_flat_to\n';

const TOWN: readonly Row[] = [
  { intercomId: 7, intercomTitle: 'Empty', intercomRange: { from: 3, to: 5 } },
  ...BUILDING,
  { intercomId: 2, flat: 9, lines: {}, intercomTitle: '=1+1, "Дом"', intercomExternalId: '@7;x', keys: ['-1', 'B'] },
  { intercomId: 8, intercomTitle: 'Bare' },
];
const TOWN_CSV = `${HEADER}1,10,1,true,true,true,"A1;A2",anna,Intercom 1,,10,11
1,11,2,true,false,true,,,Intercom 1,,10,11
2,9,4,true,true,true,"'-1;B",,"'=1+1, ""Дом""","'@7;x",9,10
2,10,3,true,true,true,,,"'=1+1, ""Дом""","'@7;x",9,10
7,,,,,,,,Empty,,3,5
8,,,,,,,,Bare,,,
`;

async function fill(d: Desk, rows: readonly Row[]): Promise<void> {
  await using store = openStore({ file: d.database });
  const { outcomes } = await store.importRows(TESTER, rows);
  expect(outcomes.filter((it) => it.kind === 'refused')).toEqual([]);
}

/** Takes everything out, as the service knows no way to do. */
function wipe(d: Desk): void {
  const client = new Sqlite(d.database);
  client.exec(
    "delete from flats; delete from users; delete from intercoms; delete from sqlite_sequence where name <> 'changes'",
  );
  client.close();
}

it('writes every flat with its intercom, and intercoms without flats, by intercom and number', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  expect(await d.run(run, [])).toEqual({ code: 0, out: TOWN_CSV, err: 'intercoms: 4\nflats: 4\n' });
  expect(await d.run(run, ['--out', '-', '--json'])).toEqual({
    code: 0,
    out: TOWN_CSV,
    err: '{"intercoms":4,"flats":4}\n',
  });
});

it('writes a file for spreadsheets: with semicolons and a byte order mark', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  const out = d.path('flats.csv');
  expect(await d.run(run, ['--out', out, '--separator', ';', '--bom', '--json'])).toEqual({
    code: 0,
    out: '{"intercoms":4,"flats":4}\n',
    err: '',
  });
  const bytes = await readFile(out);
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(parse(bytes, { bom: true, delimiter: ';' })).toEqual(parse(TOWN_CSV));
  expect(await d.run(runImport, ['--json', out])).toMatchObject({
    code: 0,
    out: expect.stringContaining('"unchanged":6'),
  });
});

it('replaces the file only when the new one is complete, readable by its owner alone', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  await d.write('real.csv', 'yesterday');
  await chmod(d.path('real.csv'), 0o640);
  await symlink(d.path('real.csv'), d.path('flats.csv'));
  const before = await d.files();
  expect(await d.run(run, ['--out', d.path('flats.csv')])).toMatchObject({ code: 0, err: '' });
  expect(await readFile(d.path('real.csv'), 'utf8')).toBe(TOWN_CSV);
  expect((await stat(d.path('real.csv'))).mode & 0o777).toBe(0o600);
  expect(await d.files()).toEqual(before);
});

it('refuses to write where it must not or cannot, and leaves nothing behind', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  await mkdir(d.path('folder'));
  await symlink(d.database, d.path('link'));
  const before = await d.files();
  for (const [name, reason] of [
    ['flats.db', 'this command works on it. Name another file'],
    ['link', 'this command works on it. Name another file'],
    ['folder', 'it is a folder'],
    ['none/flats.csv', 'there is no such file or folder'],
    ['flats.db/flats.csv', 'a part of its path is a file, not a folder'],
  ] as const) {
    const err = `Cannot write ${d.path(name)}: ${reason}.\n`;
    expect(await d.run(run, ['--out', d.path(name)])).toEqual({ code: 1, out: '', err });
  }
  expect(await d.run(run, ['--out', '/dev/null'])).toMatchObject({
    code: 1,
    err: 'Cannot write /dev/null: it is not a regular file.\n',
  });
  expect(await d.files()).toEqual(before);
});

it('makes no database where there is none, and refuses wrong usage', async () => {
  await using d = await desk();
  expect(await d.run(run, [])).toEqual({
    code: 1,
    out: '',
    err: `No database at ${d.database}; set DATABASE_URL to another one.\n`,
  });
  const help = await d.run(run, ['--help']);
  expect(help).toEqual({ code: 0, out: expect.stringMatching(/^Usage: npm run export -- /), err: '' });
  for (const args of [
    ['flats.csv'],
    ['--separator', '|'],
    ['--separator', 'toString'],
    ['--out', ''],
    ['--out'],
    ['--bomb'],
  ]) {
    expect(await d.run(run, args)).toEqual({ code: 2, out: '', err: expect.stringContaining(help.out) });
  }
  expect(await d.files()).toEqual([]);
});

// What the rules accept as a text: trimmed, without control characters, and a name without a semicolon.
const unit = fc.constantFrom(...'\'=+-@＝＠,;"|aЯ🔑 \u00a0\u2028019E./:%');
const text = (max: number) =>
  fc
    .string({ unit, minLength: 1, maxLength: 8 })
    .map((it) => it.trim())
    .filter((it) => it !== '' && [...it].length <= max);
const name = (max: number) => text(max).filter((it) => !/[;\u2028]/.test(it) && it.trim() === it);
const names = (max: number) => fc.uniqueArray(name(max), { minLength: 1, maxLength: 3 });
const optional = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });

const building = fc.record({
  title: text(200),
  externalId: optional(text(100)),
  range: optional(fc.record({ from: fc.integer({ min: 1, max: 5 }), to: fc.integer({ min: 8, max: 12 }) })),
  flats: fc.uniqueArray(
    fc.record({
      flat: fc.integer({ min: 5, max: 8 }),
      lines: fc.record({ analog: fc.boolean(), landlineSip: fc.boolean() }),
      keys: optional(names(64)),
      users: optional(names(100)),
    }),
    { selector: (it) => it.flat, maxLength: 3 },
  ),
});
const town = fc.uniqueArray(building, { selector: (it) => it.externalId ?? {}, minLength: 1, maxLength: 4 });

type Buildings = typeof town extends fc.Arbitrary<infer T> ? T : never;

/** A row without what is undefined. */
const given = <T extends Row>(row: Record<keyof T & string, unknown> | object): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as unknown as T;

const rowsOf = (buildings: Buildings): Row[] =>
  buildings.flatMap(({ title, externalId, range, flats }, i) => {
    const intercom = { intercomId: i + 1, intercomTitle: title, intercomExternalId: externalId, intercomRange: range };
    return [given<IntercomRow>(intercom), ...flats.map((flat) => given<FlatRow>({ ...intercom, ...flat }))];
  });

it('is read back as it was, into an empty database and into the same, whatever the texts are', async () => {
  await fc.assert(
    fc.asyncProperty(town, fc.constantFrom('comma', 'semicolon'), async (buildings, separator) => {
      await using first = await desk();
      await using second = await desk();
      await fill(first, rowsOf(buildings));
      const options = ['--separator', separator];
      const { out: exported } = await first.run(run, options);

      const cells = parse(exported, { delimiter: separator === 'comma' ? ',' : ';' }).flat() as string[];
      expect(cells.filter((cell) => /^[=+\-@＝＋－＠\t\r]/.test(cell))).toEqual([]);

      const rows = exported.trimEnd().split('\n').length - 1;
      const same = { rows, intercomsCreated: 0, intercomsChanged: 0, flatsCreated: 0, flatsChanged: 0 };
      expect(await first.run(runImport, ['--json', '-'], { input: exported })).toEqual({
        code: 0,
        out: `${JSON.stringify({ dryRun: false, ...same, unchanged: rows, refused: 0 })}\n`,
        err: '',
      });
      expect(await second.run(runImport, ['-'], { input: exported })).toMatchObject({ code: 0, err: '' });
      expect((await second.run(run, options)).out).toBe(exported);
    }),
    { numRuns: 40 },
  );
});

it('brings everything back after a wipe, with the server up', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  await using server = await spawnServer(d.database);
  const exported = await d.start('export', '--out', 'flats.csv').ended;
  expect(exported).toEqual({ code: 0, out: 'intercoms: 4\nflats: 4\n', err: '' });
  const find = async () => {
    const query =
      '{ intercomFlats(first: 9) { edges { node { flatId flat intercomId keys { code } users { login } } } } }';
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return ((await response.json()) as { data: { intercomFlats: { edges: unknown[] } } }).data.intercomFlats.edges;
  };
  const before = await find();
  expect(before.length).toBe(4);
  wipe(d);
  expect(await find()).toEqual([]);
  expect(await d.start('import', 'flats.csv').ended).toMatchObject({ code: 0, err: '' });
  expect(await find()).toEqual(before);
  expect(await d.start('export').ended).toEqual({ code: 0, out: TOWN_CSV, err: 'intercoms: 4\nflats: 4\n' });
});

it('leaves nothing behind when it is interrupted', async () => {
  await using d = await desk();
  await fill(d, TOWN);
  const before = await d.files();
  const signal = AbortSignal.abort('SIGINT');
  expect(await d.run(run, ['--out', d.path('flats.csv')], { signal })).toEqual({
    code: 130,
    out: '',
    err: 'Interrupted: the export is not complete.\n',
  });
  expect(await d.files()).toEqual(before);
});

it('ends quietly when its reader goes away', async () => {
  await using d = await desk();
  await fill(
    d,
    Array.from({ length: 10_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {}, keys: ['K'.repeat(64)] })),
  );
  await using spawned = spawnNode('src/cli.ts', ['export'], { DATABASE_URL: `file:${d.database}` });
  spawned.child.stdout?.once('data', () => spawned.child.stdout?.destroy());
  expect(await spawned.exit).toMatchObject({ code: 1, stderr: '' });
});

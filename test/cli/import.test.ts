import { mkdir, readFile, symlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/commands/import.ts';
import { updateFlat } from '../../src/operations/update-flat.ts';
import { openStore } from '../../src/store/open.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { desk } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

const HEADER =
  'intercom_id,flat,flat_id,is_smartphone_sip_line_available,is_landline_sip_line_available,is_analog_line_available,keys,users\n';

/** Everything that is stored, beside the times. */
const stored = (database: string) => ({
  intercoms: rows(database, 'select id, title from intercoms order by id'),
  flats: rows(
    database,
    `select id, intercom_id as intercom, flat, smartphone_sip || landline_sip || analog as lines, version,
      (select group_concat(code, ' ' order by code) from keys where flat_id = id) as keys,
      (select group_concat(login, ' ' order by login) from flat_users join users on users.id = user_id
        where flat_id = flats.id) as users from flats order by id`,
  ),
  changes: rows(database, 'select seq, flat_id, actor, channel, reason from changes order by seq'),
});

const summary = (...counts: number[]) =>
  ['rows', 'intercoms created', 'intercoms changed', 'flats created', 'flats changed', 'unchanged', 'refused']
    .map((name, i) => `${name}: ${counts[i]}\n`)
    .join('');

it('makes intercoms and flats, and a new flat has every line that is not said to be missing', async () => {
  await using d = await desk();
  const input = `${HEADER}1,10,,,,,,\n1,11,40,0,false,1,K1;K2,anna;boris\n2,10,,true,,0,K1,anna\n`;
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(3, 2, 0, 3, 0, 0, 0), err: '' });
  expect(stored(d.database)).toEqual({
    intercoms: [
      { id: 1, title: 'Intercom 1' },
      { id: 2, title: 'Intercom 2' },
    ],
    flats: [
      { id: 1, intercom: 1, flat: 10, lines: '111', version: 1, keys: null, users: null },
      { id: 40, intercom: 1, flat: 11, lines: '001', version: 1, keys: 'K1 K2', users: 'anna boris' },
      { id: 41, intercom: 2, flat: 10, lines: '110', version: 1, keys: 'K1', users: 'anna' },
    ],
    changes: [],
  });
});

it('changes what is given, leaves what is empty, and changes nothing the second time', async () => {
  await using d = await desk();
  await d.run(run, ['-'], { input: `${HEADER}1,10,,0,1,,K1,anna\n1,11,,,,,K2,boris\n` });
  const input = 'users,flat,is_analog_line_available,intercom_id,intercom_title\ncarl,10,0,1,\n,11,,1,Main\n';
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(2, 0, 1, 0, 1, 0, 0), err: '' });
  const after = {
    intercoms: [{ id: 1, title: 'Main' }],
    flats: [
      { id: 1, intercom: 1, flat: 10, lines: '010', version: 2, keys: 'K1', users: 'carl' },
      { id: 2, intercom: 1, flat: 11, lines: '111', version: 1, keys: 'K2', users: 'boris' },
    ],
    changes: [{ seq: 7, flat_id: 1, actor: 'local', channel: 'IMPORT', reason: null }],
  };
  expect(stored(d.database)).toEqual(after);
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(2, 0, 0, 0, 0, 2, 0), err: '' });
  expect(stored(d.database)).toEqual(after);
});

const MIXED = `${HEADER}1,10,,,,,K1,
1,x,0,yes,,,;,
1,"11,,,,,,
1,12
1,10,,0,,,,
2,1,1,,,,,
1,13,,0,,,,
`;
const MIXED_ERRORS = `line 3, column flat: must be a whole number from 1 to 2147483647
line 3, column flat_id: must be a whole number from 1 to 9007199254740991
line 3, column is_smartphone_sip_line_available: must be true, false, 1, 0 (or ИСТИНА, ЛОЖЬ), or empty
line 3, column keys: holds nothing but separators; leave it empty to keep what is stored
line 4: has a quotation mark that is not closed, or that stands inside a cell without quotation marks
line 5: has fewer cells than the header
line 6, column flat: stands already in an earlier row
line 7, column flat_id: belongs to another flat
`;

it('tells every bad row with its line and column, lands the good ones, and says so in the exit code', async () => {
  await using d = await desk();
  expect(await d.run(run, ['-'], { input: MIXED })).toEqual({
    code: 1,
    out: summary(7, 1, 0, 2, 0, 0, 5),
    err: MIXED_ERRORS,
  });
  expect(stored(d.database).flats).toEqual([
    { id: 1, intercom: 1, flat: 10, lines: '111', version: 1, keys: 'K1', users: null },
    { id: 2, intercom: 1, flat: 13, lines: '011', version: 1, keys: null, users: null },
  ]);
});

it('gives the exact verdict in a dry run, and does not even make the database', async () => {
  await using d = await desk();
  await d.write('flats.csv', MIXED);
  expect(await d.start('import', '--dry-run', 'flats.csv').ended).toEqual({
    code: 1,
    out: `Dry run, nothing was changed. The import would give:\n${summary(7, 1, 0, 2, 0, 0, 5)}`,
    err: MIXED_ERRORS,
  });
  expect(await d.files()).toEqual(['flats.csv']);
});

it('changes nothing in a dry run on a database with flats', async () => {
  await using d = await desk();
  await d.run(run, ['-'], { input: `${HEADER}1,10,,,,,K1,\n` });
  const before = stored(d.database);
  const input = `${HEADER}1,10,,0,,,K2,anna\n2,10,,,,,,\n3,10,1,,,,,\n`;
  expect(await d.run(run, ['--dry-run', '-'], { input })).toEqual({
    code: 1,
    out: `Dry run, nothing was changed. The import would give:\n${summary(3, 1, 0, 1, 1, 0, 1)}`,
    err: 'line 4, column flat_id: belongs to another flat\n',
  });
  expect(stored(d.database)).toEqual(before);
});

it('reads what a spreadsheet writes: semicolons, a byte order mark and CRLF', async () => {
  await using d = await desk();
  const input = '\ufeffintercom_id;flat;keys;intercom_title\r\n1;10;"A;B";"Дом ""5"", двор"\r\n\r\n';
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(1, 1, 0, 1, 0, 0, 0), err: '' });
  expect(stored(d.database)).toEqual({
    intercoms: [{ id: 1, title: 'Дом "5", двор' }],
    flats: [{ id: 1, intercom: 1, flat: 10, lines: '111', version: 1, keys: 'A B', users: null }],
    changes: [],
  });
});

it('refuses a wrong header, names it, and does not make the database', async () => {
  await using d = await desk();
  expect(await d.run(run, ['-'], { input: 'intercom_id,flat,key,flat\n1,10,A,10\n' })).toEqual({
    code: 2,
    out: '',
    err: `Wrong header: unknown column "key"; column flat stands twice.
Required columns: intercom_id, flat. Others: flat_id, is_smartphone_sip_line_available, is_landline_sip_line_available, is_analog_line_available, keys, users, intercom_title, intercom_external_id, intercom_flat_from, intercom_flat_to.
`,
  });
  expect(await d.files()).toEqual([]);
});

it('writes the bad rows to a file instead, as CSV, and the summary as JSON', async () => {
  await using d = await desk();
  const report = d.path('bad.csv');
  expect(await d.run(run, ['--report', report, '--json', '-'], { input: MIXED })).toEqual({
    code: 1,
    out: `${JSON.stringify({ dryRun: false, rows: 7, intercomsCreated: 1, intercomsChanged: 0, flatsCreated: 2, flatsChanged: 0, unchanged: 0, refused: 5 })}\n`,
    err: `bad rows are reported in ${report}\n`,
  });
  expect(parse(await readFile(report))).toEqual([
    ['line', 'column', 'reason'],
    ...MIXED_ERRORS.trim()
      .split('\n')
      .map((it) =>
        (/^line (\d+)(?:, column (\w+))?: (.*)$/.exec(it) as RegExpExecArray).slice(1).map((cell) => cell ?? ''),
      ),
  ]);
  expect(await d.run(run, ['--report', report, '-'], { input: `${HEADER}1,10,,,,,,\n` })).toMatchObject({
    code: 0,
    err: '',
  });
  expect(await readFile(report, 'utf8')).toBe('line,column,reason\n');
});

it('never writes its report over what it works on', async () => {
  await using d = await desk();
  await d.write('flats.csv', `${HEADER}1,10,,,,,,\n`);
  await d.run(run, [d.path('flats.csv')]);
  await symlink(d.database, d.path('link'));
  const before = await d.files();
  for (const name of ['flats.csv', 'flats.db', 'flats.db-wal', 'link']) {
    expect(await d.run(run, ['--report', d.path(name), d.path('flats.csv')])).toEqual({
      code: 1,
      out: '',
      err: `Cannot write ${d.path(name)}: this command works on it. Name another file.\n`,
    });
  }
  const nowhere = d.path('none/bad.csv');
  expect(await d.run(run, ['--report', nowhere, d.path('flats.csv')])).toEqual({
    code: 1,
    out: '',
    err: `Cannot write ${nowhere}: there is no such file or folder.\n`,
  });
  expect(await d.files()).toEqual(before);
});

it('brings intercoms with what they are called elsewhere and their range, also without flats', async () => {
  await using d = await desk();
  const input =
    'intercom_id,flat,intercom_title,intercom_external_id,intercom_flat_from,intercom_flat_to\n1,10,Main,EXT-1,5,20\n1,11,,,,\n2,,Empty,,1,40\n3,7,,,,\n';
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(4, 3, 0, 3, 0, 0, 0), err: '' });
  const intercoms = 'select id, title, external_id as external, flat_from, flat_to from intercoms order by id';
  expect(rows(d.database, intercoms)).toEqual([
    { id: 1, title: 'Main', external: 'EXT-1', flat_from: 5, flat_to: 20 },
    { id: 2, title: 'Empty', external: null, flat_from: 1, flat_to: 40 },
    { id: 3, title: 'Intercom 3', external: null, flat_from: 7, flat_to: 7 },
  ]);
  expect(await d.run(run, ['-'], { input })).toEqual({ code: 0, out: summary(4, 0, 0, 0, 0, 4, 0), err: '' });
});

it('tells in one line why a file cannot be read', async () => {
  await using d = await desk();
  await mkdir(d.path('folder'));
  const missing = d.path('missing.csv');
  expect(await d.run(run, [missing])).toEqual({
    code: 1,
    out: '',
    err: `Cannot read ${missing}: there is no such file or folder.\n`,
  });
  const folder = d.path('folder');
  expect(await d.run(run, [folder])).toEqual({ code: 1, out: '', err: `Cannot read ${folder}: it is a folder.\n` });
});

it('tells in one line why the database cannot be used', async () => {
  await using d = await desk();
  await d.write('flats.db', 'this is no database, and it stays as it is'.repeat(100));
  const ended = {
    code: 1,
    out: '',
    err: `Cannot use the database ${d.database}: it is damaged, or no SQLite database at all; it was left as it is, and npm run restore brings a backup back.\n`,
  };
  expect(await d.run(run, ['-'], { input: 'intercom_id,flat\n1,1\n' })).toEqual(ended);
  expect(await d.run(run, ['--dry-run', '-'], { input: 'intercom_id,flat\n1,1\n' })).toEqual(ended);
});

it('refuses wrong usage and a bad environment', async () => {
  await using d = await desk();
  const help = await d.run(run, ['--help']);
  expect(help).toEqual({ code: 0, out: expect.stringMatching(/^Usage: npm run import -- /), err: '' });
  expect(await d.run(run, [])).toEqual({ code: 2, out: '', err: `Name one CSV file.\n\n${help.out}` });
  expect(await d.run(run, ['a', 'b'])).toEqual({ code: 2, out: '', err: `Name one CSV file.\n\n${help.out}` });
  expect(await d.run(run, ['--report', '', 'a'])).toMatchObject({ code: 2, out: '' });
  expect(await d.run(run, ['--dryrun', 'a'])).toMatchObject({ code: 2, out: '' });
  expect(await d.run(run, ['-'], { env: { DATABASE_URL: 'mysql:x' } })).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('DATABASE_URL'),
  });
});

it('lists the commands, and refuses an unknown one', async () => {
  await using d = await desk();
  const [help, none, unknown] = await Promise.all([
    d.start('--help').ended,
    d.start().ended,
    d.start('toString').ended,
  ]);
  expect(help).toEqual({ code: 0, out: expect.stringContaining('  import <file> '), err: '' });
  expect(none).toEqual({ code: 2, out: '', err: help.out });
  expect(unknown).toEqual({ code: 2, out: '', err: `Unknown command "toString".\n\n${help.out}` });
});

const MANY = 50_000;
const manyFlats = () =>
  `intercom_id,flat,is_analog_line_available\n${Array.from({ length: MANY }, (_, i) => `${2 + Math.floor(i / 100)},${1 + (i % 100)},0\n`).join('')}`;

/** A text in two parts. */
const halves = (text: string) => [text.slice(0, text.length / 2), text.slice(text.length / 2)] as const;

it('imports a large file while another process writes to the same database', async () => {
  await using d = await desk();
  await using store = openStore({ file: d.database });
  await store.importRows(TESTER, [{ intercomId: 1, flat: 10, lines: {} }]);
  // The second half comes once this process has written beside the first one, and has met its flats.
  const [half, rest] = halves(manyFlats());
  const { child, ended } = d.start('import', '-');
  child.stdin?.on('error', () => {}).write(half);
  let running = true;
  void ended.then(() => {
    running = false;
  });

  let written = 0;
  let met = false;
  while (running) {
    const lines = { smartphoneSip: written % 2 === 1, landlineSip: undefined, analog: undefined };
    const outcome = await updateFlat(
      store,
      { actor: 'local', channel: 'CLI' },
      { intercomId: 1, flat: 10, flatId: undefined, lines },
    );
    if (outcome.kind === 'written') written++;
    met ||= (await store.findFlat({ by: 'number', intercomId: 2, flat: 1 })) !== undefined;
    if (met && !child.stdin?.writableEnded) child.stdin?.end(rest);
    await pause(2);
  }

  expect(await ended).toEqual({
    code: 0,
    out: summary(MANY, MANY / 100, 0, MANY, 0, 0, 0),
    // How far it is, when it takes long.
    err: expect.stringMatching(/^(.*rows\/s.*\n)*$/),
  });
  expect(met).toBe(true);
  expect(written).toBeGreaterThan(0);
  expect(await store.findFlat({ by: 'number', intercomId: 1, flat: 10 })).toMatchObject({ version: 1 + written });
  expect(rows(d.database, 'select count(*) as flats, sum(analog) as analog from flats where intercom_id > 1')).toEqual([
    { flats: MANY, analog: 0 },
  ]);
});

it('ends cleanly when it is interrupted: what was read is committed and counted', async () => {
  await using d = await desk();
  const { child, ended } = d.start('import', '-');
  await using store = openStore({ file: d.database });
  child.stdin?.on('error', () => {}).write('intercom_id,flat\n1,10\n1,11\n');
  await until(async () => (await store.findFlat({ by: 'number', intercomId: 1, flat: 11 })) !== undefined);
  child.kill('SIGINT');
  expect(await ended).toEqual({
    code: 130,
    out: summary(2, 1, 0, 2, 0, 0, 0),
    err: 'Interrupted: the rest of the file was not read.\n',
  });
});

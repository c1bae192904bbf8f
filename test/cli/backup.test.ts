import { chmodSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/commands/backup.ts';
import { openStore } from '../../src/store/open.ts';
import { underLoad } from '../support/load.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { type Desk, desk } from '../support/run-cli.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING } from '../support/start.ts';

async function fill(d: Desk, flats = 3): Promise<void> {
  await using store = openStore({ file: d.database });
  await store.importRows(TESTER, BUILDING);
  const more = Array.from({ length: flats - 3 }, (_, i) => ({ intercomId: 3, flat: i + 1, lines: {} }));
  if (more.length > 0) await store.importRows(TESTER, more);
}

const OUTCOME = (d: Desk, file: string, bytes: number) => `database: ${d.database}
backup: ${file}
bytes: ${bytes}
intercoms: 2
flats: 3
keys: 2
users: 1
changes: 0
checked: yes
`;

describe('npm run backup', () => {
  it('copies one moment into one file, while the server goes on under load', async () => {
    await using d = await desk();
    await fill(d, 2_000);
    await using server = await spawnServer(d.database);
    await using load = underLoad(server.url, 2_000);
    await load.more(200);
    const before = load.count();
    const { code, out, err } = await d.start('backup', '--json', 'b.db').ended;
    expect([code, err]).toEqual([0, '']);
    const during = load.count() - before;
    await load.stop();
    expect(during).toBeGreaterThan(0);

    const file = d.path('b.db');
    const told = JSON.parse(out);
    expect(told).toEqual({
      ...{ database: d.database, backup: 'b.db', bytes: statSync(file).size },
      ...{ intercoms: 3, flats: 2_000, keys: 2, users: 1, changes: expect.any(Number) },
    });
    expect(told.changes).toBeGreaterThanOrEqual(before - 4);
    expect((await d.files()).filter((it) => it.startsWith('b.db'))).toEqual(['b.db']);
    const state = (query: string) => rows(file, query);
    expect(state('pragma journal_mode')).toEqual([{ journal_mode: 'delete' }]);
    expect(state('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const others = 'select count(*) from provision_changes';
    expect(state(`select count(*) n, max(seq) - (${others}) last from changes`)).toEqual([
      { n: told.changes, last: told.changes },
    ]);
    // Of one moment: every flat has as many rows of the log as its version says.
    expect(
      state('select id from flats where version - 1 <> (select count(*) from changes where flat_id = flats.id)'),
    ).toEqual([]);
    expect(
      state('select lines from line_counts l where flats <> (select count(*) from flats f where f.lines = l.lines)'),
    ).toEqual([]);
  });

  it('keeps an existing file unless it is told to replace it, and keeps the rights of the database', async () => {
    await using d = await desk();
    await fill(d);
    chmodSync(d.database, 0o600);
    const file = d.path('b.db');
    await d.write('b.db', 'precious');
    expect(await d.run(run, [file])).toEqual({
      code: 1,
      out: '',
      err: `${file} exists; choose another name, or replace it with --force.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const { code, out, err } = await d.run(run, ['--force', file]);
    expect({ code, out, err }).toEqual({ code: 0, out: OUTCOME(d, file, statSync(file).size), err: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await d.files()).filter((it) => it.startsWith('b.db'))).toEqual(['b.db']);
  });

  it.each([
    ['damaged', (d: Desk) => truncateSync(d.database, 40_000), 'it is damaged, or no SQLite database at all'],
    [
      'damaged in one row of an index',
      (d: Desk) => {
        const client = new Sqlite(d.database).unsafeMode();
        client.pragma('writable_schema = ON');
        // The rows are there, and the index does not know of them.
        client.exec("update sqlite_master set sql = replace(sql, 'flat`,`intercom_id`)', 'intercom_id`,`flat`)')");
        client.close();
      },
      'it is damaged \\(.*flats_flat\\)',
    ],
    [
      'of another program',
      (d: Desk) => new Sqlite(d.database).exec('drop table change_log').close(),
      'it is a database of another program; choose another file',
    ],
  ])('makes nothing of a database that is %s, and keeps the old backup', async (_, spoil, reason) => {
    await using d = await desk();
    await fill(d);
    spoil(d);
    await d.write('b.db', 'precious');
    const { code, out, err } = await d.run(run, ['--force', d.path('b.db')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(new RegExp(`^Cannot back up ${d.database} to ${d.path('b.db')}: ${reason}\\.\n$`));
    expect(readFileSync(d.path('b.db'), 'utf8')).toBe('precious');
    expect((await d.files()).filter((it) => it.startsWith('b.db'))).toEqual(['b.db']);
  });

  it('has its counts of lines right, also where somebody changed rows by hand', async () => {
    await using d = await desk();
    await fill(d);
    new Sqlite(d.database).exec('update flats set analog = 0').close();
    expect(await d.run(run, [d.path('b.db')])).toMatchObject({
      code: 0,
      err: 'Note: the counts of line states in the database are wrong; in the backup they are corrected.\n',
    });
    await using store = openStore({ file: d.path('b.db') });
    expect((await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).available.analog).toBe(0);
  });

  it.each([
    ['where the folder is missing', (d: Desk) => d.path('x/b.db'), (d: Desk) => `No folder ${d.path('x')}.`],
    ['into a folder', (d: Desk) => d.path('b'), (d: Desk) => `Cannot back up to ${d.path('b')}: it is not a file.`],
    ['onto the database', (d: Desk) => d.database, (d: Desk) => `${d.database} is the database itself.`],
  ])('refuses to write %s', async (_, target, told) => {
    await using d = await desk();
    await fill(d);
    await mkdir(d.path('b'));
    expect(await d.run(run, ['--force', target(d)])).toEqual({ code: 1, out: '', err: `${told(d)}\n` });
    expect(rows(d.database, 'select count(*) n from flats')).toEqual([{ n: 3 }]);
  });

  it('does not make a database that is missing', async () => {
    await using d = await desk();
    expect(await d.run(run, [d.path('b.db')])).toEqual({
      code: 1,
      out: '',
      err: `No database at ${d.database}; set DATABASE_URL to another one.\n`,
    });
    expect(await d.files()).toEqual([]);
  });

  it.each([
    [[], 'Name one file for the backup.'],
    [['a', 'b'], 'Name one file for the backup.'],
    [['--frce', 'a'], "Unknown option '--frce'"],
  ])('tells the usage when it is called with %j', async (args, told) => {
    await using d = await desk();
    const { code, out, err } = await d.run(run, args);
    expect([code, out, err.startsWith(told), err.includes('Usage: npm run backup')]).toEqual([2, '', true, true]);
  });
});

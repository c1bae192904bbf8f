import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { describe, expect, it } from 'vitest';
import { run as backup } from '../../src/cli/commands/backup.ts';
import { run as restore } from '../../src/cli/commands/restore.ts';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { openStore } from '../../src/store/open.ts';
import { epochOf, everythingIn } from '../support/everything.ts';
import { underLoad } from '../support/load.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { type Desk, desk } from '../support/run-cli.ts';
import { spawnNode, spawnServer } from '../support/spawn.ts';
import { BUILDING } from '../support/start.ts';
import { until } from '../support/until.ts';

async function importBuilding(file: string, intercomId: number): Promise<void> {
  await using store = openStore({ file });
  await store.importRows(TESTER, BUILDING.map((it) => ({ ...it, intercomId })).slice(0, 2));
}

/** A database with intercom 1 that was backed up to `b.db`, and got intercom 2 since. */
async function backedUp(): Promise<Desk> {
  const d = await desk();
  await importBuilding(d.database, 1);
  expect(await d.run(backup, [d.path('b.db')])).toMatchObject({ code: 0 });
  await importBuilding(d.database, 2);
  return d;
}

const intercomsIn = (file: string) => rows(file, 'select id from intercoms').map((it) => (it as { id: number }).id);
/** But for what a reader leaves beside the database. */
const filesOf = async (d: Desk) => (await d.files()).filter((it) => !/^flats\.db-(wal|shm)$/.test(it));
const asideIn = async (d: Desk) => (await d.files()).filter((it) => it.includes('before-restore'));

describe('npm run restore', () => {
  it('brings back what was backed up under load, keeps the rest aside, and lets no old cursor skip anything', async () => {
    await using d = await desk();
    await importBuilding(d.database, 1);
    let cursor: string;
    {
      await using server = await spawnServer(d.database);
      await using load = underLoad(server.url, 2);
      await load.more(50);
      expect(await d.run(backup, [d.path('b.db')])).toMatchObject({ code: 0 });
      await load.more(50);
      await load.stop();
      cursor = formatCursor({ epoch: epochOf(d.database), seq: 1 });

      const before = everythingIn(d.database);
      expect(await d.run(restore, [d.path('b.db')])).toEqual({
        ...{ code: 1, out: '' },
        err: `Cannot restore ${d.path('b.db')}: a server or another command has the database open; stop it, and run this again. Nothing was changed.\n`,
      });
      expect(everythingIn(d.database)).toEqual(before);
      expect((await fetch(`${server.url}/graphql?query={changesHead}`)).status).toBe(200);
      // A crash, so that the last commits are in the log beside the file alone.
      server.child.kill('SIGKILL');
      await server.exit;
    }
    const [later, copy] = [everythingIn(d.database), readFileSync(d.path('b.db'))];
    const wanted = everythingIn(d.path('b.db'));
    const epochs = [epochOf(d.database), epochOf(d.path('b.db'))];

    const { code, out, err } = await d.run(restore, ['--json', d.path('b.db')]);
    expect([code, err]).toEqual([0, '']);
    const [aside = ''] = await asideIn(d);
    expect(JSON.parse(out)).toEqual({
      ...{ database: d.database, backup: d.path('b.db'), keptAside: d.path(aside) },
      ...{ intercoms: 1, flats: 2, keys: 2, users: 1, changes: wanted['changes']?.length },
    });
    expect(await d.files()).toEqual(['b.db', 'flats.db', aside]);
    expect(readFileSync(d.path('b.db'))).toEqual(copy);
    expect([everythingIn(d.database), everythingIn(d.path(aside))]).toEqual([wanted, later]);
    expect(epochs).not.toContain(epochOf(d.database));

    await using server = await spawnServer(d.database);
    const ask = async (after: string) => {
      const query = encodeURIComponent(`{ changes(first: 1, after: "${after}") { totalCount } }`);
      return (await fetch(`${server.url}/graphql?query=${query}`)).json();
    };
    expect(await ask(cursor)).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] });
    expect(await ask(formatCursor({ epoch: epochOf(d.database), seq: 1 }))).toEqual({
      data: { changes: { totalCount: wanted['changes']?.length } },
    });
  });

  it('makes the database, and its folder, where there is none', async () => {
    await using d = await backedUp();
    const file = d.path('new/x.db');
    expect(await d.run(restore, [d.path('b.db')], { env: { DATABASE_URL: `file:${file}` } })).toEqual({
      code: 0,
      out: `database: ${file}\nbackup: ${d.path('b.db')}\nkept aside: nothing, there was no database
intercoms: 1\nflats: 2\nkeys: 2\nusers: 1\nchanges: 0\n`,
      err: '',
    });
    expect(everythingIn(file)).toEqual(everythingIn(d.path('b.db')));
  });

  it('keeps a link to the database a link', async () => {
    await using d = await backedUp();
    symlinkSync('flats.db', d.path('link.db'));
    expect(
      await d.run(restore, [d.path('b.db')], { env: { DATABASE_URL: `file:${d.path('link.db')}` } }),
    ).toMatchObject({ code: 0, err: '' });
    expect([readlinkSync(d.path('link.db')), intercomsIn(d.database)]).toEqual(['flats.db', [1]]);
  });

  it('brings a backup of the first version up to date', async () => {
    await using d = await backedUp();
    const [first] = readMigrationFiles({ migrationsFolder: new URL('../../drizzle/sqlite', import.meta.url).pathname });
    const old = new Sqlite(d.path('old.db'));
    for (const statement of first?.sql ?? []) old.exec(statement);
    old.exec(`
      create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric);
      insert into __drizzle_migrations (hash, created_at) values ('${first?.hash}', ${first?.folderMillis});
      insert into intercoms (id, title) values (7, 'Tower');
      insert into flats (intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
        values (7, 10, 1, 1, 0, 1, 0)`);
    old.close();
    const content = readFileSync(d.path('old.db'));
    expect(await d.run(restore, [d.path('old.db')])).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(d.path('old.db'))).toEqual(content);
    await using store = openStore({ file: d.database });
    expect(await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toMatchObject({
      flats: 1,
      available: { analog: 0 },
    });
    expect((await store.intercomsById([7])).get(7)).toEqual({
      ...{ id: 7, title: 'Tower', externalId: null, range: { from: 10, to: 10 } },
    });
  });

  const sqlite = (d: Desk, sql: string) => new Sqlite(d.path('b.db')).exec(sql).close();
  it.each([
    [
      'a text',
      (d: Desk) => d.write('b.db', 'intercom_id,flat\n1,10\n'),
      'it is a text file, not a database; npm run import reads CSV files',
    ],
    [
      'bytes of another kind',
      (d: Desk) => d.write('b.db', new Uint8Array(9_000)),
      'it is not an SQLite database, or its beginning is damaged',
    ],
    ['an empty file', (d: Desk) => d.write('b.db', ''), 'it is empty'],
    [
      'a file that was cut short',
      (d: Desk) => truncateSync(d.path('b.db'), 50_000),
      'it is damaged, or no SQLite database at all',
    ],
    [
      'a file with other bytes in a page',
      (d: Desk) => d.write('b.db', readFileSync(d.path('b.db')).fill(0xa5, 30_000, 60_000)),
      'it is damaged \\(.*\\)',
    ],
    [
      'a file with references to nothing',
      (d: Desk) => sqlite(d, "pragma foreign_keys = off; insert into keys (flat_id, code) values (99, 'A')"),
      'its rows refer to rows that are missing',
    ],
    [
      'a database of another program',
      (d: Desk) => sqlite(d, 'drop table change_log'),
      'it is a database of another program; choose another file',
    ],
    [
      'a backup of a newer version',
      (d: Desk) => sqlite(d, "insert into __drizzle_migrations (hash, created_at) values ('later', 99999999999999)"),
      'it was written by a newer version of this program; update the program',
    ],
    [
      'a database that is in use',
      (d: Desk) => d.write('b.db-wal', 'something'),
      'it is in use, or was not closed: .*b.db-wal belongs to it; npm run backup makes a whole file of a database',
    ],
  ])('refuses %s, and leaves the database and the file as they are', async (_, spoil, reason) => {
    await using d = await backedUp();
    await spoil(d);
    const state = async () => [await filesOf(d), readFileSync(d.path('b.db')), everythingIn(d.database)];
    const before = await state();
    const { code, out, err } = await d.run(restore, [d.path('b.db')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(new RegExp(`^Cannot restore ${d.path('b.db')}: ${reason}\\.\n$`));
    expect(await state()).toEqual(before);
    expect(intercomsIn(d.database)).toEqual([1, 2]);
  });

  it.each([
    ['a file that is not there', (d: Desk) => d.path('none'), (d: Desk) => `No backup at ${d.path('none')}.\n`],
    ['a folder', (d: Desk) => d.path('f'), (d: Desk) => `Cannot restore ${d.path('f')}: it is not a file.\n`],
    [
      'the database itself',
      (d: Desk) => d.database,
      (d: Desk) => `Cannot restore ${d.database}: it is the database itself.\n`,
    ],
  ])('refuses %s', async (_, file, err) => {
    await using d = await backedUp();
    mkdirSync(d.path('f'));
    expect(await d.run(restore, [file(d)])).toEqual({ code: 1, out: '', err: err(d) });
    expect(intercomsIn(d.database)).toEqual([1, 2]);
  });

  it.each([[[]], [['a', 'b']], [['--what', 'a']]])('tells the usage when it is called with %j', async (args) => {
    await using d = await desk();
    const { code, out, err } = await d.run(restore, args);
    expect([code, out, err.includes('Usage: npm run restore')]).toEqual([2, '', true]);
  });
});

describe('a restore over a damaged database', () => {
  it('keeps one that was cut short aside', async () => {
    await using d = await backedUp();
    truncateSync(d.database, 50_000);
    expect(() => openStore({ file: d.database })).toThrow('it is damaged');
    expect(await d.run(restore, [d.path('b.db')])).toMatchObject({ code: 0, err: '' });
    expect([intercomsIn(d.database), (await asideIn(d)).length]).toEqual([[1], 1]);
  });

  it('keeps garbage aside with its log, and asks for --force when a server may have it open', async () => {
    await using d = await backedUp();
    const garbage = 'garbage '.repeat(1_000);
    const leftovers = { 'flats.db': garbage, 'flats.db-wal': 'old log', 'flats.db-shm': 'its index' };
    for (const [name, content] of Object.entries(leftovers)) writeFileSync(d.path(name), content);
    expect(await d.run(restore, [d.path('b.db')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('stop the server, and run this again with --force'),
    });
    for (const name of ['flats.db', 'flats.db-wal'] as const) {
      expect(readFileSync(d.path(name), 'utf8')).toBe(leftovers[name]);
    }

    expect(await d.run(restore, ['--force', d.path('b.db')])).toMatchObject({ code: 0, err: '' });
    const aside = await asideIn(d);
    const asideNamed = aside[0]?.length;
    expect(aside.map((it) => it.slice(asideNamed))).toEqual(['', '-shm', '-wal']);
    expect([aside[0], aside[2]].map((it) => readFileSync(d.path(it as string), 'utf8'))).toEqual([garbage, 'old log']);
    expect(await d.files()).toEqual(['b.db', 'flats.db', ...aside]);
    expect(intercomsIn(d.database)).toEqual([1]);
  });
});

const isLinux = existsSync('/proc/self/fdinfo');

/** Whether a process has a file open, to write too or at all. Any program that says so would take a part of the server's patience. */
function hasOpen(pid: number | undefined, file: string, toWrite: boolean): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((it) => {
      if (readlinkSync(`/proc/${pid}/fd/${it}`) !== file) return false;
      const [, flags = ''] = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${it}`, 'utf8')) ?? [];
      return !toWrite || (Number.parseInt(flags, 8) & 3) === 2;
    });
  } catch {
    // It was closed meanwhile.
    return false;
  }
}

describe.concurrent('a database file that is replaced', () => {
  for (const [wants, lock] of [
    ['read', 'begin exclusive'],
    ['write', 'begin immediate'],
  ] as const) {
    it.skipIf(!isLinux)(`while a server waits to ${wants}, is the new one for that server`, async () => {
      await using d = await backedUp();
      copyFileSync(d.path('b.db'), d.path('new.db'));
      const holder = new Sqlite(d.database);
      holder.pragma('journal_mode = DELETE');
      holder.exec(lock);
      await using server = spawnNode('src/server.ts', [], { DATABASE_URL: `file:${d.database}`, PORT: '0' });
      await until(() => hasOpen(server.child.pid, d.database, wants === 'write'), 20);
      renameSync(d.path('new.db'), d.database);
      holder.close();
      const url = await server.printed(/"url":"([^"]+)"/);
      const answer = await fetch(`${url}/graphql?query={intercoms(first:9){edges{node{intercomId}}}}`);
      expect(await answer.json()).toEqual({ data: { intercoms: { edges: [{ node: { intercomId: '1' } }] } } });
    });
  }

  it('by a restore that is killed at any moment, is the old one or the new one, and whole', async () => {
    await using d = await backedUp();
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      await importBuilding(d.database, 2);
      const { child, exit } = spawnNode('src/cli.ts', ['restore', d.path('b.db')], {
        DATABASE_URL: `file:${d.database}`,
      });
      const under = async () => child.exitCode !== null || (await d.files()).some((it) => it.includes('.restoring-'));
      while (!(await under())) await sleep(1);
      await sleep(Math.random() * 80);
      child.kill('SIGKILL');
      await exit;
      const client = new Sqlite(d.database);
      expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
      client.close();
      seen.add(intercomsIn(d.database).join());
      for (const name of await d.files()) if (name.includes('.restoring-')) rmSync(d.path(name));
    }
    expect([...seen].filter((it) => it !== '1' && it !== '1,2')).toEqual([]);
    expect(await d.run(restore, [d.path('b.db')])).toMatchObject({ code: 0, err: '' });
    expect(intercomsIn(d.database)).toEqual([1]);
  });
});

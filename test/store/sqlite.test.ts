import { readFileSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { UnusableDatabaseError } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { describeChangeSets } from './change-sets-contract.ts';
import { describeStore, type StoreWorld } from './contract.ts';
import { describeLog } from './log-contract.ts';
import { describeProvision } from './provision-contract.ts';
import { describeRandomProvision } from './random-provision.ts';
import { describeRandomReads } from './random-reads.ts';
import { describeReads } from './reads-contract.ts';
import { describeUndo } from './undo-contract.ts';

const open = async (options: { readonly flatsPerCommit?: number } = {}): Promise<StoreWorld> => {
  const folder = await tempFolder();
  const world: StoreWorld = {
    now: 1_000,
    store: openStore({ file: folder.file('x.db') }, { now: () => world.now, ...options }),
    async [Symbol.asyncDispose]() {
      await world.store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  return world;
};

describeStore('SQLite', open);
describeProvision('SQLite', open);
describeProvision('SQLite, two flats a commit', () => open({ flatsPerCommit: 2 }));
describeReads('SQLite', open);
describeLog('SQLite', open);
describeChangeSets('SQLite', open);
describeUndo('SQLite', open);
describeRandomProvision('SQLite', open);
describeRandomProvision('SQLite, two flats a commit', () => open({ flatsPerCommit: 2 }));
describeRandomReads('SQLite', open);

describe('the SQLite file', () => {
  it('has STRICT tables, and links without row ids', async () => {
    await using folder = await tempFolder();
    await openStore({ file: folder.file('x.db') })[Symbol.asyncDispose]();
    const tables = rows(folder.file('x.db'), 'pragma table_list') as Record<string, unknown>[];
    const ours = tables.filter(({ name }) => !/^(sqlite_|__drizzle)/.test(String(name)));
    expect(ours.map(({ name, strict, wr }) => [name, strict, wr]).sort()).toEqual([
      ['change_log', 1, 0],
      ['change_set_runs', 1, 0],
      ['changes', 1, 0],
      ['clock_steps', 1, 0],
      ['flat_users', 1, 1],
      ['flats', 1, 0],
      ['hidden_flats', 1, 1],
      ['intercoms', 1, 0],
      ['keys', 1, 1],
      ['line_counts', 1, 0],
      ['provision_changes', 1, 0],
      ['tokens', 1, 0],
      ['users', 1, 0],
    ]);
  });

  it('is durable and keeps its references on every connection, the first and the next', async () => {
    await using folder = await tempFolder();
    for (const _ of ['first', 'next']) {
      const client = connect(folder.file('x.db'));
      const pragmas = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'];
      expect(pragmas.map((it) => client.pragma(it, { simple: true }))).toEqual(['wal', 2, 1, 0]);
      client.close();
    }
  });

  it('refuses rows that break the rules, whoever writes them', async () => {
    await using folder = await tempFolder();
    const client = connect(folder.file('x.db'));
    client.exec("insert into intercoms (id, title) values (1, 'A')");
    const columns = 'intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at';
    const insert = (values: string) => () => client.exec(`insert into flats (${columns}) values (${values})`);
    expect(insert('1, 10, 1, 1, 1, 1, 0')).not.toThrow();
    expect(insert('1, 10, 1, 1, 1, 1, 0')).toThrow('UNIQUE');
    expect(insert('2, 10, 1, 1, 1, 1, 0')).toThrow('FOREIGN KEY');
    expect(insert('1, 0, 1, 1, 1, 1, 0')).toThrow('CHECK');
    expect(insert('1, 2147483648, 1, 1, 1, 1, 0')).toThrow('CHECK');
    expect(insert('1, 11, 2, 1, 1, 1, 0')).toThrow('CHECK');
    expect(insert('1, 11, 1, 1, 1, 0, 0')).toThrow('CHECK');
    expect(insert("1, 11, 1, 1, 'yes', 1, 0")).toThrow('cannot store TEXT value');
    const intercom = (set: string) => () => client.exec(`update intercoms set ${set} where id = 1`);
    expect(intercom('flat_from = 1')).toThrow('CHECK');
    expect(intercom('flat_from = 2, flat_to = 1')).toThrow('CHECK');
    expect(intercom('flat_from = 0, flat_to = 1')).toThrow('CHECK');
    expect(intercom("external_id = ''")).toThrow('CHECK');
    client.close();
  });

  it('says so when it meets damage while it is exported', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    const flats = Array.from({ length: 500 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} }));
    {
      await using store = openStore({ file });
      await store.importRows(
        TESTER,
        flats.map((it) => ({ ...it, keys: [`KEY-${it.flat}`.padEnd(64, '-')] })),
      );
    }
    await using store = openStore({ file });
    const bytes = readFileSync(file);
    for (let page = 0; page < bytes.length; page += 4096) {
      if (bytes.subarray(page, page + 4096).includes('KEY-250-')) bytes.fill(0xee, page, page + 4096);
    }
    writeFileSync(file, bytes);
    const read = async () => {
      for await (const _ of store.exportRows());
    };
    await expect(read).rejects.toThrow(
      new UnusableDatabaseError(`Cannot read the database ${file}: it is damaged, or no SQLite database at all.`),
    );
  });

  it('never uses the record id of a deleted flat again', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file });
    await store.importRows(TESTER, [{ intercomId: 1, flat: 10, lines: {} }]);
    const client = connect(file);
    client.exec('delete from flats');
    client.close();
    const { outcomes } = await store.importRows(TESTER, [{ intercomId: 1, flat: 10, lines: {} }]);
    expect(outcomes).toMatchObject([{ flatId: 2 }]);
  });

  it('keeps its epoch when it is opened again', async () => {
    await using folder = await tempFolder();
    const epochs: string[] = [];
    for (const _ of ['first', 'again']) {
      await using store = openStore({ file: folder.file('x.db') });
      epochs.push(store.epoch);
    }
    expect(epochs[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(epochs[1]).toBe(epochs[0]);
  });

  it('is made together with its folder', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('a/b/x.db') });
    expect(await store.findFlat({ by: 'id', flatId: 1 })).toBeUndefined();
  });
});

describe('a file that is no database of this service', () => {
  it('is refused when it is no database at all, and left as it was', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    const text = 'this is no database '.repeat(100);
    writeFileSync(file, text);
    expect(() => openStore({ file })).toThrow(
      new UnusableDatabaseError(
        `Cannot use the database ${file}: it is damaged, or no SQLite database at all; it was left as it is, and npm run restore brings a backup back.`,
      ),
    );
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is refused when it belongs to another program', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    new Sqlite(file).exec('create table theirs (a)').close();
    const content = readFileSync(file);
    expect(() => openStore({ file })).toThrow('it is a database of another program; choose another file');
    expect(readFileSync(file)).toEqual(content);
  });

  it('is refused when a newer version wrote it', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    connect(file).exec("insert into __drizzle_migrations (hash, created_at) values ('later', 99999999999999)").close();
    expect(() => openStore({ file })).toThrow('it was written by a newer version of this program');
  });

  it('is refused when it is a folder', async () => {
    await using folder = await tempFolder();
    expect(() => openStore({ file: folder.path })).toThrow('it is not a file');
  });
});

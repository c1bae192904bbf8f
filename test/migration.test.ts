import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { run as importCsv } from '../src/cli/commands/import.ts';
import { run as restore } from '../src/cli/commands/restore.ts';
import { run as token } from '../src/cli/commands/token.ts';
import { itNeeds } from './support/it-needs.ts';
import { oldDatabase, SCHEMA } from './support/old-database.ts';
import { rows } from './support/rows.ts';
import { desk } from './support/run-cli.ts';
import { smallDisk } from './support/small-disk.ts';
import { spawnNode, spawnServer } from './support/spawn.ts';
import { tempFolder } from './support/temp-folder.ts';

/** The fields of the line that says which database was opened. */
const opened = (log: string): unknown => {
  const line = log.split('\n').find((it) => it.includes('"msg":"database opened"')) ?? '{}';
  const { level, time, pid, hostname, msg, ...fields } = JSON.parse(line);
  return fields;
};

const copyOf = (file: string): string => `${file}.before-schema-${SCHEMA}`;
const schemaOf = (file: string): unknown => rows(file, 'select count(*) as schema from __drizzle_migrations')[0];

describe.concurrent('a start says which database it opened', () => {
  it('and whether it is new', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    for (const isNew of [true, false]) {
      await using server = await spawnServer(file);
      expect(opened(server.stdout())).toEqual({ database: file, new: isNew, schema: SCHEMA });
      server.child.kill('SIGTERM');
      await server.exit;
    }
    expect(readdirSync(folder.path)).toEqual(['x.db']);
  });

  it('and what was migrated, and keeps a checked copy of it as it was, the newest alone', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    oldDatabase(file, SCHEMA - 1);
    writeFileSync(`${file}.before-schema-2`, 'an older copy');
    writeFileSync(`${file}.before-schema-2.txt`, 'no copy of ours');
    await using server = await spawnServer(file);
    const migrated = `schema ${SCHEMA - 1} -> ${SCHEMA}`;
    const copy = copyOf(file);
    expect(opened(server.stdout())).toEqual({ database: file, new: false, schema: SCHEMA, migrated, copy });
    expect(schemaOf(file)).toEqual({ schema: SCHEMA });
    expect(schemaOf(copy)).toEqual({ schema: SCHEMA - 1 });
    expect(rows(copy, 'select title from intercoms')).toEqual([{ title: 'Tower' }]);
    expect(rows(copy, 'pragma journal_mode')).toEqual([{ journal_mode: 'delete' }]);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path).filter((it) => it.includes('before'))).toEqual([
      'x.db.before-schema-2.txt',
      `x.db.before-schema-${SCHEMA}`,
    ]);
  });
});

describe('a command', () => {
  it.each([1, 2, 3])(
    'that migrates schema %i keeps the copy and says so, and restore brings it back',
    async (schema) => {
      await using d = await desk();
      oldDatabase(d.database, schema);
      const { code, err } = await d.run(token, ['create', 'crm', '--scope', 'read']);
      expect([code, err]).toEqual([
        0,
        `Migrated ${d.database}: schema ${schema} -> ${SCHEMA}; as it was, it is kept as ${copyOf(d.database)}.
Stored in ${d.database}. Keep it: it is not shown again.\n`,
      ]);
      expect(schemaOf(copyOf(d.database))).toEqual({ schema });
      expect(await d.run(restore, [copyOf(d.database)])).toMatchObject({ code: 0 });
      expect(rows(d.database, 'select title from intercoms')).toEqual([{ title: 'Tower' }]);
    },
  );

  it('keeps none with MIGRATE_WITHOUT_COPY=on', async () => {
    await using d = await desk();
    oldDatabase(d.database, 2);
    const env = { MIGRATE_WITHOUT_COPY: 'on' };
    const { err } = await d.run(token, ['list'], { env });
    expect(err).toBe(`Migrated ${d.database}: schema 2 -> ${SCHEMA}; no copy was kept of it as it was.\n`);
    expect(existsSync(copyOf(d.database))).toBe(false);
  });

  it('migrates nothing in a dry run', async () => {
    await using d = await desk();
    oldDatabase(d.database, 2);
    await d.write('flats.csv', 'intercom_id,flat\n1,10\n');
    expect(await d.run(importCsv, ['--dry-run', d.path('flats.csv')])).toMatchObject({ code: 0, err: '' });
    expect(schemaOf(d.database)).toEqual({ schema: 2 });
    expect(existsSync(copyOf(d.database))).toBe(false);
  });
});

itNeeds('mount', 'mount')(
  'without room for the copy a start is refused with the sizes, and changes nothing',
  async () => {
    await using disk = await smallDisk(4_096);
    if (!disk) return;
    const file = disk.file('x.db');
    oldDatabase(file, 2);
    const client = new Sqlite(file);
    client.pragma('journal_mode = DELETE');
    client.exec('create table ballast (bytes blob); insert into ballast values (zeroblob(3000000))');
    client.close();
    const env = { DATABASE_URL: `file:${file}`, PORT: '0' };
    await using server = spawnNode('src/server.ts', [], env);
    expect(await server.exit).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(
        /^Cannot use the database \S+: before its tables are migrated \(schema 2 -> \d+\) a copy is kept, which takes 3\.\d MB, and its disk has [01]\.\d MB left; make room, or set MIGRATE_WITHOUT_COPY=on\.\n$/,
      ),
    });
    expect(schemaOf(file)).toEqual({ schema: 2 });
    await using again = await spawnServer(file, { ...env, MIGRATE_WITHOUT_COPY: 'on' });
    expect(opened(again.stdout())).toMatchObject({ migrated: `schema 2 -> ${SCHEMA}` });
    expect(readdirSync(disk.path).filter((it) => it.includes('before'))).toEqual([]);
  },
);

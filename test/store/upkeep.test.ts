import Sqlite from 'better-sqlite3';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { expect, it } from 'vitest';
import type { Flat } from '../../src/domain/flat.ts';
import type { FlatPosition } from '../../src/domain/flat-filter.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { forgetImports } from '../support/forget-imports.ts';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;
const ALL = { limit: 500, fromEnd: false } as const;
const BY_INTERCOM = { by: 'INTERCOM', descending: false } as const;

const setAnalog = (flatId: number, analog: boolean): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason: null },
});

it('brings a file of the first version up to date, with titles in Cyrillic and a clock that went back', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  const [first] = readMigrationFiles({ migrationsFolder: new URL('../../drizzle/sqlite', import.meta.url).pathname });
  if (!first) throw new Error('there are no migrations');
  const old = new Sqlite(file);
  for (const statement of first.sql) old.exec(statement);
  old.exec(`
    create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric);
    insert into __drizzle_migrations (hash, created_at) values ('${first.hash}', ${first.folderMillis});
    insert into intercoms (id, title) values (1, 'УЛИЦА ЁЛОЧНАЯ, 7'), (2, 'Tower');
    insert into flats (id, intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
      values (1, 1, 10, 1, 1, 0, 3, 3000), (2, 2, 10, 1, 1, 1, 1, 1000);
    insert into changes (seq, changed_at, actor, channel, flat_id, intercom_id, flat,
        before_smartphone_sip, before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
      values (1, 3000, 'a', 'REST', 1, 1, 10, 1, 1, 1, 1, 1, 0), (2, 2000, 'a', 'REST', 1, 1, 10, 1, 1, 0, 1, 0, 0),
        (3, 3000, 'a', 'REST', 1, 1, 10, 1, 0, 0, 1, 1, 0), (4, 4000, 'a', 'REST', 1, 1, 10, 1, 1, 0, 1, 1, 1)`);
  old.close();

  await using store = openStore({ file });
  expect(await store.listIntercoms({ title: 'улица ёл' }, { by: 'TITLE', descending: false }, ALL)).toEqual({
    rows: [{ id: 1, title: 'УЛИЦА ЁЛОЧНАЯ, 7', externalId: null, range: { from: 10, to: 10 } }],
    hasMore: false,
  });
  expect(await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toEqual({
    flats: 2,
    changed: 1,
    available: { smartphoneSip: 2, landlineSip: 2, analog: 1 },
    states: [0, 0, 0, 1, 0, 0, 0, 1],
  });
  const { rows: changes } = await store.listChanges({ from: 3_000, to: 4_000 }, ALL);
  expect(changes.map((it) => [it.seq, it.changedAt])).toEqual([
    [1, 3_000],
    [2, 3_000],
    [3, 3_000],
  ]);
});

it('keeps the head of a log whose rows were all taken out, and finds a span of time in one with gaps', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  let now = 1_000;
  await using store = openStore({ file }, { now: () => now });
  await store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
  forgetImports(file);
  for (let i = 1; i <= 20; i++) {
    now = 1_000 + i;
    await store.amend(origin, [setAnalog(1, i % 2 === 0)]);
  }
  const client = connect(file);
  client.exec('delete from changes where seq <= 3 or seq % 4 <> 0');
  const seqs = async (from: number, to: number) =>
    (await store.listChanges({ from, to }, ALL)).rows.map((it) => it.seq);
  expect(await seqs(1_001, 1_009)).toEqual([4, 8]);
  expect(await seqs(1_005, 1_020)).toEqual([8, 12, 16]);
  expect(await seqs(1_009, 1_012)).toEqual([]);
  client.exec('delete from changes');
  client.close();
  expect(await store.changesHead()).toBe(20);
  expect(await seqs(0, 9_999)).toEqual([]);
  await store.amend(origin, [setAnalog(1, false)]);
  expect(await seqs(0, 9_999)).toEqual([21]);
});

it('keeps its sums true, though flats come and go, and commits fail', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file });
  await store.importRows(
    origin,
    Array.from({ length: 40 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: { analog: i % 3 > 0 } })),
  );
  // The table does not take a reason of this length.
  const broken: Update = { ...setAnalog(2, true), patch: { landlineSip: false }, reason: 'x'.repeat(501) };
  const results = await Promise.allSettled([
    store.amend(origin, [setAnalog(1, true), setAnalog(2, false)]),
    store.amend(origin, [setAnalog(4, true), broken]),
    store.amend(origin, [setAnalog(7, true), setAnalog(99, true)], { atomic: true }),
    store.amend(origin, [setAnalog(10, true), setAnalog(10, false), setAnalog(10, true)]),
  ]);
  expect(results.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  const client = connect(file);
  client.exec('delete from flats where flat % 5 = 0');
  client.close();
  await store.amend(origin, [setAnalog(13, true), setAnalog(13, true)]);
  expect(rows(file, 'select lines, flats from line_counts where flats > 0 order by lines')).toEqual(
    rows(file, 'select lines, count(*) flats from flats group by lines order by lines'),
  );
  // Every third of 40 began without the line. 1 and 13 got it and 2 lost it; 10 got it and is gone.
  expect(await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toEqual({
    flats: 32,
    changed: 3,
    available: { smartphoneSip: 32, landlineSip: 32, analog: 22 },
    states: [0, 0, 0, 10, 0, 0, 0, 22],
  });
});

it('meets every flat that stays once, in a walk during which others are deleted', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file });
  await store.importRows(
    origin,
    Array.from({ length: 90 }, (_, i) => ({ intercomId: 1 + (i % 4), flat: i + 1, lines: {} })),
  );
  const client = connect(file);
  const seen: number[] = [];
  for (let after: FlatPosition | undefined; ; ) {
    const { rows: page, hasMore } = await store.listFlats({ lines: {} }, BY_INTERCOM, {
      ...{ limit: 8, fromEnd: false },
      after,
    });
    seen.push(...page.map((it) => it.id));
    if (!hasMore) break;
    const last = page.at(-1) as Flat;
    after = [last.intercomId, last.flat];
    // The very flat that the place names, one that was read, and one that was not.
    client.exec(`delete from flats where id in (${last.id}, ${page[0]?.id}, ${91 - page.length - (seen.length % 50)})`);
  }
  const stayed = client.prepare('select id from flats').pluck().all() as number[];
  client.close();
  expect(new Set(seen).size).toBe(seen.length);
  expect(stayed.filter((id) => !seen.includes(id))).toEqual([]);
  expect(stayed.length).toBeLessThan(80);
});

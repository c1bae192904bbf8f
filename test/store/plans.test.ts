import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANGE_KINDS, type ChangeFilter } from '../../src/domain/change.ts';
import { FLAT_ORDERS, type FlatFilter } from '../../src/domain/flat-filter.ts';
import { INTERCOM_ORDERS } from '../../src/domain/intercom.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { TESTER } from '../support/origin.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { type Watched, watch } from './watched.ts';

const FLAT_FILTERS: Readonly<Record<string, Partial<FlatFilter>>> = {
  'flat ids': { flatIds: [3, 1] },
  intercom: { intercomId: 2 },
  flat: { flat: 10 },
  'flat from': { flatFrom: 10 },
  'flat to': { flatTo: 20 },
  analog: { lines: { analog: false } },
  'two lines': { lines: { smartphoneSip: false, landlineSip: true } },
  'key code': { keyCode: 'A' },
  login: { userLogin: 'anna' },
  'login prefix': { userLoginPrefix: 'an' },
  title: { intercomTitle: 'дом' },
  since: { changedSince: 1_000 },
};

const CHANGE_FILTERS: Readonly<Record<string, ChangeFilter>> = {
  intercom: { intercomId: 2 },
  flat: { flatId: 10 },
  actor: { actor: 'billing' },
  channel: { channel: 'REST' },
  from: { from: 1_000 },
  to: { to: 2_000 },
};

/** Each alone, and in pairs. */
function combined<Filter extends object>(filters: Readonly<Record<string, Filter>>, none: Filter): [string, Filter][] {
  const given = Object.entries(filters);
  return given.flatMap(([name, filter], index) => [
    [name, { ...none, ...filter }] as [string, Filter],
    ...given
      .slice(index + 1)
      .map(([other, more]): [string, Filter] => [`${name} + ${other}`, { ...none, ...filter, ...more }]),
  ]);
}

const NO_FLAT_FILTER: FlatFilter = { lines: {} };
const flatFilters = combined<FlatFilter>(FLAT_FILTERS as Record<string, FlatFilter>, NO_FLAT_FILTER);
const changeFilters = [
  ...combined<ChangeFilter>(CHANGE_FILTERS, {}),
  ...combined<ChangeFilter>(CHANGE_FILTERS, { kinds: CHANGE_KINDS }).map(
    ([name, filter]) => [`all kinds, ${name}`, filter] as const,
  ),
  ['keys', { kinds: ['KEYS_DETACHED', 'KEYS_ATTACHED'] }] as const,
  ['a flat and its intercom', { kinds: CHANGE_KINDS, flatId: 10, flatIn: { intercomId: 2, flat: 1 } }] as const,
];

/** A step that goes through a whole table, or through a whole index of it. Going through the intercoms is allowed. */
const isScan = (step: string) =>
  /^SCAN (f|k|u|l|c|pc|flats|keys|users|flat_users|changes|provision_changes)\b/.test(step) ||
  step.includes('AUTOMATIC');

/** A file with the tables of this service and one change; the plans do not depend on rows, since nobody runs `analyze`. */
async function tables() {
  const folder = await tempFolder();
  const file = folder.file('x.db');
  await openStore({ file })[Symbol.asyncDispose]();
  const client = connect(file);
  client.exec(`insert into changes (changed_at, actor, channel, flat_id, intercom_id, flat,
      before_smartphone_sip, before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
    values (1500, 'billing', 'REST', 10, 2, 1, 1, 1, 1, 1, 1, 0);
    insert into provision_changes (seq, changed_at, actor, channel, kind, intercom_id, flat_id, flat, details)
      values (2, 1500, 'billing', 'REST', 'KEYS_ATTACHED', 2, 10, 1, '{"names":["A"]}');
    update sqlite_sequence set seq = 2 where name = 'changes'`);
  client.close();
  const watched = watch(file);
  return {
    ...watched,
    file,
    async [Symbol.asyncDispose]() {
      watched[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const FIRST = { limit: 50, fromEnd: false } as const;

/** 100,000 flats in 1,000 intercoms, made once. */
async function manyFlats(file: string): Promise<string> {
  await openStore({ file })[Symbol.asyncDispose]();
  const client = connect(file);
  client.exec(`
    create temp table n as with recursive n(i) as (select 0 union all select i + 1 from n where i < 99999) select i from n;
    insert into intercoms (id, title, title_folded) select i + 1, 'Дом ' || i, 'дом ' || i from n where i < 1000;
    insert into flats (intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
      select 1 + i / 100, 1 + i % 100, i % 2, 1, i % 3 > 0, 1, i / 10 from n`);
  client.close();
  return file;
}

describe('a list of flats', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let building: string;
  beforeAll(async () => {
    folder = await tempFolder();
    building = await manyFlats(folder.file('x.db'));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const cases = FLAT_ORDERS.flatMap((by) =>
    [false, true].flatMap((descending) =>
      [false, true].flatMap((fromEnd) =>
        [FIRST, { ...FIRST, after: [5, 5], before: [9, 9] } as const].map((page) => ({
          sort: { by, descending },
          page: { ...page, fromEnd },
        })),
      ),
    ),
  );

  it('goes through no table, with any filter, any two, in any sort', async () => {
    await using db = await tables();
    const scans: unknown[] = [];
    let plans = 0;
    for (const [name, filter] of flatFilters) {
      const ways = [
        ...(await db.statementsOf((it) => it.countFlats(filter))).map((sql) => ['count', sql] as const),
        ...(await Promise.all(
          cases.map(async ({ sort, page }) => {
            const statements = await db.statementsOf((it) => it.listFlats(filter, sort, page));
            return statements.map((sql) => [JSON.stringify({ sort, page }), sql] as const);
          }),
        ).then((it) => it.flat())),
      ];
      for (const [way, sql] of ways) {
        plans++;
        scans.push(
          ...db
            .planOf(sql)
            .filter(isScan)
            .map((step) => [name, way, step]),
        );
      }
    }
    expect(scans).toEqual([]);
    expect(plans).toBeGreaterThan(flatFilters.length * (cases.length + 1));
  });

  it('goes through the flats in the order of their index when nothing is asked of them', async () => {
    await using db = await tables();
    const sort = { by: 'INTERCOM', descending: true } as const;
    const [sql] = await db.statementsOf((it) => it.listFlats(NO_FLAT_FILTER, sort, FIRST));
    expect(db.planOf(sql as string).filter(isScan)).toEqual(['SCAN f USING INDEX flats_intercom_flat']);
  });

  it('is read in its order, and sorts nothing but what a narrow filter left or one page took', async () => {
    await using db = await tables();
    const sorted: string[] = [];
    for (const by of FLAT_ORDERS) {
      for (const [name, filter] of [['none', NO_FLAT_FILTER] as const, ...flatFilters]) {
        if (name.includes('+')) continue;
        const sql = (await db.statementsOf((it) => it.listFlats(filter, { by, descending: false }, FIRST))).at(-1);
        const steps = db.planOf(sql as string);
        // Ranges that come in order are cut to a page each, before the sort puts them together.
        const merged = (sql as string).split('limit').length > 2;
        if (steps.some((it) => it.includes('TEMP B-TREE')) && !merged) sorted.push(`${name} by ${by}`);
      }
    }
    expect(sorted).toEqual([
      'flat ids by INTERCOM',
      'key code by INTERCOM',
      'login by INTERCOM',
      'login prefix by INTERCOM',
      'since by INTERCOM',
      'flat ids by UPDATED',
      'intercom by UPDATED',
      'flat by UPDATED',
      'flat from by UPDATED',
      'flat to by UPDATED',
      'key code by UPDATED',
      'login by UPDATED',
      'login prefix by UPDATED',
      'title by UPDATED',
    ]);
  });

  it.each([
    ['INTERCOM', {}, /flats_intercom_flat \(\(intercom_id,flat\)>\(\?,\?\)\)/],
    ['INTERCOM', { intercomId: 7 }, /flats_intercom_flat \(intercom_id=\? AND flat>\?\)/],
    ['INTERCOM', { lines: { analog: false } }, /flats_lines_intercom \(lines=\? AND \(intercom_id,flat\)>\(\?,\?\)\)/],
    ['INTERCOM', { intercomTitle: 'дом' }, /flats_intercom_flat \(\(intercom_id,flat\)>\(\?,\?\)\)/],
    ['UPDATED', {}, /flats_lines_updated \(lines=\? AND changed=\? AND \(updated_at,place\)>\(\?,\?\)\)/],
    [
      'UPDATED',
      { changedSince: 2 },
      /flats_lines_updated \(lines=\? AND changed=\? AND \(updated_at,place\)>\(\?,\?\)\)/,
    ],
  ] as const)('goes straight to a far page, by %s with %o', async (by, filter, seek) => {
    const file = building;
    await using store = openStore({ file });
    using db = watch(file);
    const sort = { by, descending: false };
    const wanted = { ...NO_FLAT_FILTER, ...filter };
    const { rows: end } = await store.listFlats(wanted, sort, { limit: 20, fromEnd: true });
    const [place, ...rest] = end;
    if (!place) throw new Error('the list is empty');
    const after =
      by === 'INTERCOM' ? ([place.intercomId, place.flat] as const) : ([place.updatedAt, place.id] as const);
    expect(await store.listFlats(wanted, sort, { limit: 50, fromEnd: false, after })).toEqual({
      rows: rest,
      hasMore: false,
    });
    const statements = await db.statementsOf((it) => it.listFlats(wanted, sort, { limit: 50, fromEnd: false, after }));
    const sql = statements.at(-1);
    const steps = db.planOf(sql as string).filter((step) => / (f|i) USING/.test(step) && !step.includes('rowid=?'));
    expect(steps[0]).toMatch(seek);
  });
});

describe('a step of a walk through flats', () => {
  it('seeks its place, goes through no table beyond it, and sorts nothing, with any filter and any two', async () => {
    await using db = await tables();
    const client = connect(db.file);
    client.exec(`
      insert into intercoms (id, title, title_folded) values (2, 'Дом', 'дом');
      insert into flats (intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
        values (2, 10, 0, 1, 0, 2, 2000);
      insert into keys (flat_id, code) values (1, 'A');
      insert into users (login) values ('anna');
      insert into flat_users (flat_id, user_id) values (1, 1)`);
    client.close();
    const slow: unknown[] = [];
    let found = 0;
    for (const [name, filter] of [['none', NO_FLAT_FILTER] as const, ...flatFilters]) {
      const statements = await db.statementsOf(async (it) => {
        found += (await it.scanFlats(filter, 0, 50)).flats.length;
      });
      expect(statements).toHaveLength(2);
      const steps = statements.flatMap((sql) => db.planOf(sql));
      slow.push(...steps.filter((it) => isScan(it) || it.includes('TEMP B-TREE')).map((step) => [name, step]));
    }
    expect(slow).toEqual([]);
    expect(found).toBe(flatFilters.length + 1);
  });
});

describe('a list of changes', () => {
  it('goes through no table, with any filter and any two', async () => {
    await using db = await tables();
    const scans: unknown[] = [];
    for (const [name, filter] of changeFilters) {
      for (const page of [FIRST, { ...FIRST, fromEnd: true }, { ...FIRST, after: 5, before: 9 }]) {
        const listing = await db.statementsOf((it) => it.listChanges(filter, page));
        const counting = await db.statementsOf((it) => it.countChanges(filter));
        for (const sql of [...listing, ...counting]) {
          scans.push(
            ...db
              .planOf(sql)
              .filter(isScan)
              .map((step) => [name, step]),
          );
        }
      }
    }
    expect(scans).toEqual([]);
  });

  it('is read in its order', async () => {
    await using db = await tables();
    const sorted: string[] = [];
    for (const [name, filter] of [['none', {}] as const, ...changeFilters]) {
      const statements = await db.statementsOf((it) => it.listChanges(filter, FIRST));
      const steps = statements.flatMap((sql) => db.planOf(sql));
      if (steps.some((it) => it.includes('TEMP B-TREE FOR ORDER BY'))) sorted.push(name);
    }
    // Of each channel, or of each actor, one page; and of one flat what is not about lines, which is little.
    const ofSome = ['actor', 'actor + from', 'actor + to', 'channel', 'channel + from', 'channel + to'];
    const ofFlat = ['flat', 'flat + actor', 'flat + channel', 'flat + from', 'flat + to'];
    expect(sorted.sort()).toEqual(
      [...ofSome, ...[...ofSome, ...ofFlat].map((it) => `all kinds, ${it}`), 'a flat and its intercom'].sort(),
    );
  });
});

describe('a read of change sets', () => {
  it('goes through no table, with any filter', async () => {
    await using db = await tables();
    const page = { ...FIRST, after: 5, before: 9 };
    const filters = [
      {},
      { actor: 'billing' },
      { channel: 'REST' },
      { actor: 'billing', channel: 'REST', from: 1_000 },
    ] as const;
    const reads: Parameters<Watched['statementsOf']>[0][] = [
      ...filters.flatMap((filter): Parameters<Watched['statementsOf']>[0][] => [
        (it) => it.listChangeSets(filter, page),
        (it) => it.listChangeSets(filter, { ...FIRST, fromEnd: true }),
        (it) => it.countChangeSets(filter),
      ]),
      (it) => it.scanChangeSet(1, 0, 100),
      (it) => it.changeSetSizes([1]),
      (it) => it.countFlatsOfSet(1),
      (it) => it.changeVersions([1]),
    ];
    const steps = new Set<string>();
    for (const read of reads) {
      for (const sql of await db.statementsOf(read)) for (const step of db.planOf(sql)) steps.add(step);
    }
    expect([...steps].filter(isScan)).toEqual([]);
  });
});

describe('a list of intercoms', () => {
  it('is read in its order', async () => {
    await using db = await tables();
    for (const by of INTERCOM_ORDERS) {
      for (const filter of [{}, { title: 'дом' }]) {
        const page = { ...FIRST, after: ['дом', 5] as const };
        const statements = await db.statementsOf((it) => it.listIntercoms(filter, { by, descending: false }, page));
        // A search reads the position of a window's last row, and then the rows of the window.
        expect(statements.length).toBe('title' in filter ? 2 : 1);
        for (const sql of statements) {
          expect(db.planOf(sql)).toContain(
            by === 'ID'
              ? 'SEARCH i USING INTEGER PRIMARY KEY (rowid>?)'
              : 'SEARCH i USING INDEX intercoms_title_folded (title_folded>?)',
          );
        }
      }
    }
  });
});

describe('a read', () => {
  it('is one statement or two, however much it reads, after bounded counts of the paths that a filter has', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file });
    await store.importRows(
      TESTER,
      Array.from({ length: 300 }, (_, i) => ({
        ...{ intercomId: 1 + (i % 30), flat: i + 1, lines: { analog: i % 2 === 0 } },
        ...{ keys: ['A', `K${i}`], users: ['anna', `user${i}`] },
      })),
    );
    using db = watch(file);
    const ids = Array.from({ length: 300 }, (_, i) => i + 1);
    const sort = { by: 'UPDATED', descending: true } as const;
    const filter = { lines: { analog: true }, userLoginPrefix: 'user', intercomTitle: 'inter' };
    const page = { limit: 500, fromEnd: false } as const;
    const reads: Parameters<Watched['statementsOf']>[0][] = [
      (it) => it.listFlats(filter, sort, page),
      (it) => it.countFlats(filter),
      (it) => it.listIntercoms({ title: 'inter' }, { by: 'TITLE', descending: false }, page),
      (it) => it.listChanges({ channel: 'REST' }, page),
      (it) => it.flatsById(ids),
      (it) => it.intercomsById(ids),
      (it) => it.keysOf(ids),
      (it) => it.usersOf(ids),
      (it) => it.changesBySeq(ids),
      (it) => it.linkedNames('keys', ids.map(String)),
      (it) => it.linkedNames('users', ids.map(String)),
      (it) => it.flatCounts(ids),
      (it) => it.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER),
      (it) => it.lineStatistics(1, 0, Number.MAX_SAFE_INTEGER),
      (it) => it.lineStatisticsOf(ids, 0, Number.MAX_SAFE_INTEGER),
      (it) => it.silentIntercoms(8),
      (it) => it.lastFlatId(),
      (it) => it.namesFrom('keys', 'A', 8),
      (it) => it.namesFrom('users', 'anna', 8),
      (it) => it.changeVersions(ids),
      (it) => it.changeSetSizes(ids),
      (it) => it.countFlatsOfSet(1),
      (it) => it.changesHead(),
    ];
    const counts: number[] = [];
    for (const read of reads) counts.push((await db.statementsOf(read)).length);
    // A change is in one of two tables.
    expect(counts).toEqual([4, 4, 2, 1, 1, 1, 1, 1, 2, ...counts.slice(9).map(() => 1)]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS, CHANNELS, type Change, type FlatOfSet, type LinesChange } from '../../src/domain/change.ts';
import type { Flat } from '../../src/domain/flat.ts';
import { FLAT_ORDERS, type FlatFilter, type FlatPosition } from '../../src/domain/flat-filter.ts';
import { INTERCOM_ORDERS, type Intercom, type IntercomPosition } from '../../src/domain/intercom.ts';
import type { Listed, Page } from '../../src/domain/page.ts';
import type { ScannedFlats, ScannedSet, Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';
import {
  build,
  changeSetsOf,
  changesOf,
  flatPlace,
  flatsOf,
  flatsOfSet,
  intercomOf,
  intercomPlace,
  intercomsOf,
  type Model,
  statisticsOf,
} from './model.ts';

const INTERCOMS = [1, 2, 3, 4];
const TITLES = ['Дом 1', 'ДОМ 10%', 'дом_1', 'Ёлка', 'ЁЛКА', 'Tower A', 'tower a 50%'];
const CODES = ['A', 'a', 'AB', 'Ключ'];
const LOGINS = ['anna', 'anna_k', 'annaXk', 'anna%', 'Anna', 'борис', 'б', 'a\u{10ffff}', 'a\u{10ffff}\u{10ffff}b'];
const PREFIXES = ['a', 'anna', 'anna_', 'anna%', 'б', 'бор', 'a\u{10ffff}', 'z'];
const ACTORS = ['local', 'billing', 'Биллинг', 'crm', 'tester'];
const START = 1_000;

const lines = fc.record(
  { smartphoneSip: fc.boolean(), landlineSip: fc.boolean(), analog: fc.boolean() },
  { requiredKeys: [] },
);
const number = fc.integer({ min: 1, max: 6 });
const moment = fc.integer({ min: START - 2, max: START + 12 });

const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const building = fc.record({
  titles: fc.array(fc.constantFrom(...TITLES), { minLength: 4, maxLength: 4 }),
  flats: fc.uniqueArray(
    fc.record({
      intercomId: fc.constantFrom(...INTERCOMS),
      flat: number,
      lines,
      keys: fc.subarray(CODES),
      users: fc.subarray(LOGINS, { maxLength: 3 }),
    }),
    { maxLength: 18, selector: ({ intercomId, flat }) => `${intercomId} ${flat}` },
  ),
  amendments: fc.array(
    fc.record({
      index: fc.nat(17),
      lines,
      actor: fc.constantFrom(...ACTORS),
      channel: fc.constantFrom(...CHANNELS),
      elapsed: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.constantFrom(-3, -1_000, 0, 1_000)),
      joins: rarely(fc.nat(40)),
      link: rarely(
        fc.oneof(
          fc.record({ link: fc.constant('keys' as const), attach: fc.boolean(), names: fc.subarray(CODES) }),
          fc.record({ link: fc.constant('users' as const), attach: fc.boolean(), names: fc.subarray(LOGINS) }),
        ),
      ),
    }),
    { maxLength: 15 },
  ),
});

/** Few of the filters at a time, or nothing would be left of so few rows. */
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2, nil: undefined });
const flatFilter = fc.record({
  flatIds: rarely(fc.array(fc.integer({ min: 1, max: 19 }), { maxLength: 6 })),
  intercomId: rarely(fc.constantFrom(...INTERCOMS, 9)),
  flat: rarely(number),
  flatFrom: rarely(number),
  flatTo: rarely(number),
  lines: fc.oneof(fc.constant({}), lines),
  keyCode: rarely(fc.constantFrom(...CODES, 'none')),
  userLogin: rarely(fc.constantFrom(...LOGINS, 'none')),
  userLoginPrefix: rarely(fc.constantFrom(...PREFIXES)),
  intercomTitle: rarely(fc.constantFrom('дОМ', 'ёлк', 'TOWER', '0%', 'м_1', 'none')),
  changedSince: rarely(moment),
});
const intercomFilter = fc.record({
  id: rarely(fc.constantFrom(...INTERCOMS)),
  title: some(fc.constantFrom('дОМ', 'ёлк', 'TOWER', '0%', 'м_1', 'none')),
});
const changeFilter = fc.record({
  kinds: fc.oneof(fc.constant(undefined), fc.constant(CHANGE_KINDS), fc.subarray([...CHANGE_KINDS], { minLength: 1 })),
  flatIn: rarely(fc.record({ intercomId: fc.constantFrom(...INTERCOMS), flat: number })),
  intercomId: rarely(fc.constantFrom(...INTERCOMS)),
  flatId: rarely(fc.integer({ min: 1, max: 18 })),
  changeSet: rarely(fc.integer({ min: 1, max: 40 })),
  actor: rarely(fc.constantFrom(...ACTORS, 'none')),
  channel: rarely(fc.constantFrom(...CHANNELS)),
  from: rarely(moment),
  to: rarely(moment),
});

const changeSetFilter = fc.record({
  actor: rarely(fc.constantFrom(...ACTORS, 'none')),
  channel: rarely(fc.constantFrom(...CHANNELS)),
  from: rarely(moment),
  to: rarely(moment),
});

const page = <Position>(position: fc.Arbitrary<Position>): fc.Arbitrary<Page<Position>> =>
  fc.record({
    limit: fc.integer({ min: 0, max: 6 }),
    fromEnd: fc.boolean(),
    after: some(position),
    before: some(position),
  });
const sortOf = <By extends string>(orders: readonly By[]) =>
  fc.record({ by: fc.constantFrom(...orders), descending: fc.boolean() });

const flatQuery = sortOf(FLAT_ORDERS).chain((sort) =>
  fc.record({
    filter: flatFilter,
    sort: fc.constant(sort),
    page: page(
      sort.by === 'INTERCOM'
        ? fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 7 }))
        : fc.tuple(moment, fc.integer({ min: 0, max: 19 })),
    ),
  }),
);
const intercomQuery = sortOf(INTERCOM_ORDERS).chain((sort) =>
  fc.record({
    filter: intercomFilter,
    sort: fc.constant(sort),
    page: page(
      fc.tuple(
        sort.by === 'ID' ? fc.constant('') : fc.constantFrom(...TITLES.map((it) => it.toLowerCase())),
        fc.integer({ min: 0, max: 5 }),
      ),
    ),
  }),
);
const changeQuery = fc.record({ filter: changeFilter, page: page(fc.nat(50)) });

const changeSetQuery = fc.record({ filter: changeSetFilter, page: page(fc.nat(50)) });

const EVERYTHING = { limit: 1_000, fromEnd: false } as const;

/** Every page of a list in turn, put together in the order of the list. */
async function walk<Row, Position>(
  limit: number,
  fromEnd: boolean,
  read: (page: Page<Position>) => Promise<Listed<Row>>,
  positionOf: (row: Row) => Position,
): Promise<Row[]> {
  let all: Row[] = [];
  for (let position: Position | undefined; ; ) {
    const { rows, hasMore } = await read({ limit, fromEnd, [fromEnd ? 'before' : 'after']: position });
    all = fromEnd ? [...rows, ...all] : [...all, ...rows];
    if (!hasMore) return all;
    position = positionOf((fromEnd ? rows[0] : rows.at(-1)) as Row);
  }
}

/** Every step of a walk, none of which finds more than it may look at; by record id. */
async function steps(store: Store, filter: FlatFilter, budget: number): Promise<ScannedFlats['flats']> {
  const all: ScannedFlats['flats'][number][] = [];
  for (let position: number | undefined = 0; position !== undefined; ) {
    const { flats, next }: ScannedFlats = await store.scanFlats(filter, position, budget);
    expect(flats.length).toBeLessThanOrEqual(budget);
    all.push(...flats);
    position = next;
  }
  return all.toSorted((a, b) => a.id - b.id);
}

async function checkWalks({ store }: StoreWorld, model: Model): Promise<void> {
  for (const descending of [false, true]) {
    for (const fromEnd of [false, true]) {
      for (const by of FLAT_ORDERS) {
        const sort = { by, descending };
        expect(
          await walk<Flat, FlatPosition>(
            4,
            fromEnd,
            (it) => store.listFlats({ lines: {} }, sort, it),
            (it) => flatPlace(it, by),
          ),
        ).toEqual(flatsOf(model, { lines: {} }, sort, EVERYTHING).rows);
      }
      for (const by of INTERCOM_ORDERS) {
        const sort = { by, descending };
        expect(
          await walk<Intercom, IntercomPosition>(
            1,
            fromEnd,
            (it) => store.listIntercoms({}, sort, it),
            (it) => intercomPlace(it, by),
          ),
        ).toEqual(intercomsOf(model, {}, sort, EVERYTHING).rows);
      }
    }
  }
  for (const fromEnd of [false, true]) {
    expect(
      await walk<Change, number>(
        4,
        fromEnd,
        (it) => store.listChanges({ kinds: CHANGE_KINDS }, it),
        (it) => it.seq,
      ),
    ).toEqual(model.changes);
  }
}

/** Every step of the scan of a change set. */
async function scanSet(store: Store, changeSet: number, budget: number) {
  const flats: FlatOfSet[] = [];
  let others = 0;
  for (let position: number | undefined = 0; position !== undefined; ) {
    const step: ScannedSet = await store.scanChangeSet(changeSet, position, budget);
    flats.push(...step.flats);
    others += step.others;
    position = step.next;
  }
  return { flats, others };
}

async function checkChangeSets({ store }: StoreWorld, model: Model): Promise<void> {
  const sets = [...new Set(model.changes.map((it) => it.changeSet))];
  const of = (changeSet: number) => model.changes.filter((it) => it.changeSet === changeSet);
  expect(await store.changeSetSizes([...sets, 99])).toEqual(
    new Map(sets.map((it) => [it, { changes: of(it).length, endedAt: of(it).at(-1)?.changedAt }])),
  );
  for (const changeSet of sets) {
    const rows = of(changeSet);
    const others = rows.filter((it) => it.kind !== 'LINES_SET').length;
    for (const budget of [1, 2, 100]) {
      expect(await scanSet(store, changeSet, budget)).toEqual({ flats: flatsOfSet(model, changeSet), others });
    }
    expect(await store.countFlatsOfSet(changeSet)).toEqual(
      exactly(new Set(rows.flatMap((it) => ('flatId' in it ? it.flatId : []))).size),
    );
  }
  const lines = model.changes.filter((it) => it.kind === 'LINES_SET');
  const versionAfter = ({ flatId, seq }: LinesChange) =>
    1 + lines.filter((it) => it.flatId === flatId && it.seq <= seq).length;
  expect(await store.changeVersions([...model.changes.map((it) => it.seq), 99, 1])).toEqual(
    new Map(lines.map((it) => [it.seq, versionAfter(it)])),
  );
  const some = lines.filter((_, index) => index % 2 === 0);
  expect(await store.changeVersions(some.map((it) => it.seq))).toEqual(
    new Map(some.map((it) => [it.seq, versionAfter(it)])),
  );
  for (const fromEnd of [false, true]) {
    const all = await walk<Change, number>(
      2,
      fromEnd,
      (it) => store.listChangeSets({}, it),
      (it) => it.seq,
    );
    expect(all).toEqual(changeSetsOf(model, {}, EVERYTHING).rows);
  }
}

async function checkRelations({ store }: StoreWorld, model: Model): Promise<void> {
  const { flats, titles } = model;
  const ids = [...flats.map((it) => it.id), 99, 1, 1];
  const byBytes = (names: readonly string[]) =>
    names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(await store.flatsById(ids)).toEqual(new Map(flats.map(({ keys, users, ...flat }) => [flat.id, flat])));
  expect(await store.keysOf(ids)).toEqual(
    new Map(flats.filter((it) => it.keys.length > 0).map((it) => [it.id, byBytes(it.keys)])),
  );
  expect(await store.usersOf(ids)).toEqual(
    new Map(flats.filter((it) => it.users.length > 0).map((it) => [it.id, byBytes(it.users)])),
  );
  expect(await store.intercomsById([...INTERCOMS, 9])).toEqual(
    new Map([...titles.keys()].map((id) => [id, intercomOf(model, id)])),
  );
  expect(await store.changesBySeq([...model.changes.map((it) => it.seq), 99, 1, 1])).toEqual(
    new Map(model.changes.map((it) => [it.seq, it])),
  );
  const linked = (link: 'keys' | 'users') => new Set(flats.flatMap((it) => it[link]));
  expect(await store.linkedNames('keys', [...CODES, 'none', 'A'])).toEqual(linked('keys'));
  expect(await store.linkedNames('users', [...LOGINS, 'none'])).toEqual(linked('users'));
  for (const prefix of ['', ...CODES, ...LOGINS].flatMap((it) => [it, it.slice(0, 1)])) {
    const from = (link: 'keys' | 'users') => byBytes([...linked(link)].filter((it) => it.startsWith(prefix)));
    expect(await store.namesFrom('keys', prefix, 3)).toEqual(from('keys').slice(0, 3));
    expect(await store.namesFrom('users', prefix, 100)).toEqual(from('users'));
  }
  expect(await store.lineStatisticsOf([...INTERCOMS, 9, 1], 2_000, Number.MAX_SAFE_INTEGER)).toEqual(
    new Map([...INTERCOMS, 9].map((id) => [id, statisticsOf(model, id, 2_000)])),
  );
  expect(await store.silentIntercoms(2)).toEqual(
    INTERCOMS.map((intercomId) => ({ intercomId, silentFlats: statisticsOf(model, intercomId, 0).states[0] as number }))
      .filter((it) => it.silentFlats > 0)
      .sort((a, b) => b.silentFlats - a.silentFlats || a.intercomId - b.intercomId)
      .slice(0, 2),
  );
  expect(await store.flatCounts([...INTERCOMS, 9])).toEqual(
    new Map([...titles.keys()].map((id) => [id, flats.filter((it) => it.intercomId === id).length])),
  );
}

const exactly = (count: number) => ({ count, isExact: true });

/** Random buildings, read at random, against the same rows in a plain list. */
export function describeRandomReads(name: string, open: () => Promise<StoreWorld>, numRuns = 40): void {
  describe(`${name}: whatever is read of random buildings`, () => {
    it('is what plain rows would give', async () => {
      const queries = fc.record({
        flats: fc.array(flatQuery, { minLength: 40, maxLength: 40 }),
        intercoms: fc.array(intercomQuery, { minLength: 10, maxLength: 10 }),
        changes: fc.array(changeQuery, { minLength: 20, maxLength: 20 }),
        changeSets: fc.array(changeSetQuery, { minLength: 20, maxLength: 20 }),
        since: moment,
      });
      await fc.assert(
        fc.asyncProperty(building, queries, async ({ titles, flats, amendments }, asked) => {
          await using world = await open();
          world.now = START;
          const { store } = world;
          const model = await build(
            world,
            new Map(INTERCOMS.map((id, i) => [id, titles[i] as string])),
            flats,
            amendments,
          );
          for (const { filter, sort, page } of asked.flats) {
            expect({ filter, sort, page, got: await store.listFlats(filter, sort, page) }).toEqual({
              filter,
              sort,
              page,
              got: flatsOf(model, filter, sort, page),
            });
            expect({ filter, got: await store.countFlats(filter) }).toEqual({
              filter,
              got: exactly(flatsOf(model, filter, sort, EVERYTHING).rows.length),
            });
            const byId = flatsOf(model, filter, sort, EVERYTHING).rows.toSorted((a, b) => a.id - b.id);
            expect({ filter, got: await steps(store, filter, page.limit + 1) }).toEqual({
              filter,
              got: byId.map(({ id, lines }) => ({ id, lines })),
            });
          }
          for (const { filter, sort, page } of asked.intercoms) {
            expect({ filter, sort, page, got: await store.listIntercoms(filter, sort, page) }).toEqual({
              filter,
              sort,
              page,
              got: intercomsOf(model, filter, sort, page),
            });
            expect({ filter, got: await store.countIntercoms(filter) }).toEqual({
              filter,
              got: exactly(intercomsOf(model, filter, sort, EVERYTHING).rows.length),
            });
          }
          for (const { filter, page } of asked.changes) {
            expect({ filter, page, got: await store.listChanges(filter, page) }).toEqual({
              filter,
              page,
              got: changesOf(model, filter, page),
            });
            const few = Math.min(2, changesOf(model, filter, EVERYTHING).rows.length);
            expect({ filter, few: await store.countChanges(filter, undefined, 2) }).toEqual({ filter, few });
            expect({ filter, got: await store.countChanges(filter) }).toEqual({
              filter,
              got: changesOf(model, filter, EVERYTHING).rows.length,
            });
          }
          for (const { filter, page } of asked.changeSets) {
            expect({ filter, page, got: await store.listChangeSets(filter, page) }).toEqual({
              filter,
              page,
              got: changeSetsOf(model, filter, page),
            });
            const { rows } = changeSetsOf(model, filter, EVERYTHING);
            expect({ filter, got: await store.countChangeSets(filter) }).toEqual({ filter, got: exactly(rows.length) });
          }
          for (const intercomId of [undefined, 1, 9]) {
            expect(await store.lineStatistics(intercomId, asked.since, Number.MAX_SAFE_INTEGER)).toEqual(
              statisticsOf(model, intercomId, asked.since),
            );
          }
          expect(await store.changesHead()).toBe(model.changes.length);
          await checkWalks(world, model);
          await checkRelations(world, model);
          await checkChangeSets(world, model);
        }),
        // A building is small as it is, and each try of a smaller one would open a file.
        { numRuns, endOnFailure: true },
      );
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { ChangeFilter } from '../../src/domain/change.ts';
import type { Flat } from '../../src/domain/flat.ts';
import type { FlatFilter, FlatPosition } from '../../src/domain/flat-filter.ts';
import type { FlatRow } from '../../src/domain/import-row.ts';
import { LINE_STATES, type LinesPatch, sameLines } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';

const BY_INTERCOM = { by: 'INTERCOM', descending: false } as const;
const ALL = { limit: 500, fromEnd: false } as const;
const origin = { actor: 'billing', channel: 'REST' } as const;

const row = (intercomId: number, flat: number, more: Partial<FlatRow> = {}): FlatRow => ({
  ...{ intercomId, flat, lines: {} },
  ...more,
});

const set = (flatId: number, patch: LinesPatch): Update => ({
  ...{ ref: { by: 'id', flatId }, patch, acceptedVersions: undefined, reason: null },
});

/** The record ids of all flats that a filter leaves. */
const idsOf = async (store: Store, filter: Partial<FlatFilter>): Promise<number[]> =>
  (await store.listFlats({ lines: {}, ...filter }, BY_INTERCOM, ALL)).rows.map((it) => it.id);

const seqsOf = async (store: Store, filter: ChangeFilter): Promise<number[]> =>
  (await store.listChanges(filter, ALL)).rows.map((it) => it.seq);

/** What every store promises of its lists, relations and sums. */
export function describeReads(name: string, open: () => Promise<StoreWorld>): void {
  describe(`${name}: listFlats`, () => {
    it('gives whole flats, and tells whether there are more', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 10, { keys: ['A', 'B'], users: ['anna'] }), row(1, 11)]);
      const first: Flat = {
        ...{ id: 1, flat: 10, intercomId: 1, keyCount: 2, usersCount: 1, version: 1, updatedAt: 1_000 },
        lines: { smartphoneSip: true, landlineSip: true, analog: true },
      };
      const page = { limit: 1, fromEnd: false };
      expect(await world.store.listFlats({ lines: {} }, BY_INTERCOM, page)).toEqual({ rows: [first], hasMore: true });
      expect(await world.store.listFlats({ lines: {}, flat: 10 }, BY_INTERCOM, page)).toEqual({
        rows: [first],
        hasMore: false,
      });
    });

    it('takes a login prefix and a title as they are, and a title in any case', async () => {
      await using world = await open();
      await world.store.importRows(origin, [
        row(1, 1, { intercomTitle: 'УЛ. ЁЛОЧНАЯ 100%', users: ['anna_k'] }),
        row(2, 1, { intercomTitle: 'ул. Ёлочная 1000', users: ['annaXk'] }),
        row(3, 1, { intercomTitle: 'Tower', users: ['Anna_k'] }),
      ]);
      expect(await idsOf(world.store, { intercomTitle: 'ёЛОЧ' })).toEqual([1, 2]);
      expect(await idsOf(world.store, { intercomTitle: '100%' })).toEqual([1]);
      expect(await idsOf(world.store, { userLoginPrefix: 'anna_' })).toEqual([1]);
      expect(await idsOf(world.store, { userLoginPrefix: 'anna' })).toEqual([1, 2]);
      expect(await idsOf(world.store, { userLogin: 'anna' })).toEqual([]);
    });

    it('goes on from a place within what a filter leaves, be the place in it or not', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1), ...[1, 2, 3, 4, 5].map((it) => row(2, it)), row(3, 1)]);
      const numbers = async (filter: Partial<FlatFilter>, page: { after?: FlatPosition; before?: FlatPosition }) =>
        (await world.store.listFlats({ lines: {}, ...filter }, BY_INTERCOM, { ...ALL, ...page })).rows.map(
          (it) => it.flat,
        );
      const inRange = { intercomId: 2, flatFrom: 2, flatTo: 4 };
      expect(await numbers(inRange, { after: [1, 9] })).toEqual([2, 3, 4]);
      expect(await numbers(inRange, { after: [2, 0] })).toEqual([2, 3, 4]);
      expect(await numbers(inRange, { after: [2, 2] })).toEqual([3, 4]);
      expect(await numbers(inRange, { after: [3, 1] })).toEqual([]);
      expect(await numbers(inRange, { before: [3, 1] })).toEqual([2, 3, 4]);
      expect(await numbers(inRange, { before: [2, 9] })).toEqual([2, 3, 4]);
      expect(await numbers(inRange, { before: [2, 4] })).toEqual([2, 3]);
      expect(await numbers(inRange, { before: [1, 1] })).toEqual([]);
    });

    it('goes on from a place among flats of one moment, which is the first that a filter takes', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1), row(1, 2), row(1, 3)]);
      const idsAfter = async (after: FlatPosition) =>
        (
          await world.store.listFlats(
            { lines: {}, changedSince: 1_000 },
            { by: 'UPDATED', descending: false },
            { ...ALL, after },
          )
        ).rows.map((it) => it.id);
      expect(await idsAfter([1_000, 1])).toEqual([2, 3]);
      expect(await idsAfter([999, 7])).toEqual([1, 2, 3]);
      expect(await idsAfter([1_001, 0])).toEqual([]);
    });

    it('searches the title that an intercom has now', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1, { intercomTitle: 'Старый дом' })]);
      await world.store.importRows(origin, [row(1, 1, { intercomTitle: 'Новый дом' })]);
      expect(await idsOf(world.store, { intercomTitle: 'СТАРЫЙ' })).toEqual([]);
      expect(await idsOf(world.store, { intercomTitle: 'НОВЫЙ' })).toEqual([1]);
    });

    it('gives a flat once, however many of its users have the prefix', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1, { users: ['anna', 'anton', 'boris'] })]);
      expect(await idsOf(world.store, { userLoginPrefix: 'an' })).toEqual([1]);
      expect(await world.store.countFlats({ lines: {}, userLoginPrefix: 'an' })).toEqual({ count: 1, isExact: true });
    });

    it('puts what was changed last at the end of the list by update, and to its lines', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1), row(1, 2), row(1, 3)]);
      world.now = 2_000;
      await world.store.amend(origin, [set(1, { analog: false })]);
      const { rows } = await world.store.listFlats({ lines: {} }, { by: 'UPDATED', descending: false }, ALL);
      expect(rows.map((it) => it.id)).toEqual([2, 3, 1]);
      expect(await idsOf(world.store, { lines: { analog: false } })).toEqual([1]);
      expect(await idsOf(world.store, { changedSince: 2_000 })).toEqual([1]);
      expect(await idsOf(world.store, { changedSince: 2_001 })).toEqual([]);
    });
  });

  describe(`${name}: a walk by intercom and number`, () => {
    it.each([false, true])('meets every flat once while others come and change (backwards: %s)', async (fromEnd) => {
      await using world = await open();
      const { store } = world;
      const old = Array.from({ length: 120 }, (_, i) => row(1 + (i % 6), 10 + 2 * Math.floor(i / 6)));
      await store.importRows(origin, old);
      const seen: number[] = [];
      let round = 0;
      for (let place: FlatPosition | undefined; ; round++) {
        const page = { limit: 7, fromEnd, [fromEnd ? 'before' : 'after']: place };
        const { rows, hasMore } = await store.listFlats({ lines: {} }, BY_INTERCOM, page);
        seen.push(...rows.map((it) => it.id));
        if (!hasMore) break;
        const last = (fromEnd ? rows[0] : rows.at(-1)) as Flat;
        place = [last.intercomId, last.flat];
        // New flats before and behind the place, and new lines for those that were and will be read.
        await store.importRows(origin, [
          row(1 + (round % 6), 11 + 2 * round),
          row(1, 1_000 + round),
          row(6, 1_000 + round),
        ]);
        await store.amend(
          origin,
          Array.from({ length: 20 }, (_, i) => set(1 + ((round * 31 + i * 7) % 120), { analog: round % 2 === 1 })),
        );
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => id <= old.length).toSorted((a, b) => a - b)).toEqual(old.map((_, i) => i + 1));
      expect(round).toBeGreaterThan(15);
    });
  });

  describe(`${name}: the log`, () => {
    it('gives its rows whole and oldest first', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 10)]);
      world.now = 2_000;
      const outcomes = await world.store.amend(origin, [set(1, { analog: false }), set(1, { analog: true })]);
      const changes = outcomes.flatMap((it) => (it.kind === 'written' ? [it.change] : []));
      expect(changes).toHaveLength(2);
      expect(await world.store.listChanges({}, ALL)).toEqual({ rows: changes, hasMore: false });
      expect(await world.store.listChanges({}, { limit: 1, fromEnd: true })).toEqual({
        rows: changes.slice(1),
        hasMore: true,
      });
    });

    it('has its first moment in a span of time and its last one not', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 10)]);
      for (const [index, now] of [2_000, 2_000, 3_000, 4_000].entries()) {
        world.now = now;
        await world.store.amend(origin, [set(1, { analog: index % 2 === 1 })]);
      }
      expect(await seqsOf(world.store, { from: 2_000, to: 3_000 })).toEqual([3, 4]);
      expect(await seqsOf(world.store, { from: 2_001 })).toEqual([5, 6]);
      expect(await seqsOf(world.store, { to: 2_000 })).toEqual([]);
      expect(await seqsOf(world.store, { from: 4_001 })).toEqual([]);
      expect(await seqsOf(world.store, { from: 4_000, to: 3_000 })).toEqual([]);
      expect(await world.store.countChanges({ from: 2_001, to: 4_001 })).toBe(2);
    });

    it('has the times of the clock, and finds spans of time in it also where the clock went back', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 10)]);
      const times: number[] = [];
      for (const [index, now] of [5_000, 3_000, 4_000, 6_000].entries()) {
        world.now = now;
        const [outcome] = await world.store.amend(origin, [set(1, { analog: index % 2 === 1 })]);
        if (outcome?.kind === 'written') times.push(outcome.change.changedAt, outcome.flat.updatedAt);
      }
      expect(times).toEqual([5_000, 5_000, 3_000, 3_000, 4_000, 4_000, 6_000, 6_000]);
      expect(await seqsOf(world.store, { from: 5_000, to: 6_000 })).toEqual([3]);
      expect(await seqsOf(world.store, { from: 4_000 })).toEqual([3, 5, 6]);
      expect(await seqsOf(world.store, { from: 3_000, to: 5_000 })).toEqual([4, 5]);
      expect(await world.store.countChanges({ from: 3_500 })).toBe(3);
      expect(await world.store.countChanges({}, 5)).toBe(2);
      const page = { limit: 2, fromEnd: true };
      expect(await world.store.listChanges({ from: 4_000 }, page)).toMatchObject({
        ...{ rows: [{ seq: 5 }, { seq: 6 }], hasMore: true },
      });
      expect(await world.store.listChanges({ from: 4_000 }, { ...page, before: 6 })).toMatchObject({
        ...{ rows: [{ seq: 3 }, { seq: 5 }], hasMore: false },
      });
    });

    it('has a head, which is 0 before the first change', async () => {
      await using world = await open();
      expect(await world.store.changesHead()).toBe(0);
      await world.store.importRows(origin, [row(1, 10)]);
      expect(await world.store.changesHead()).toBe(2);
      await world.store.amend(origin, [set(1, { analog: false }), set(1, { analog: true })]);
      expect(await world.store.changesHead()).toBe(4);
    });

    it('rings after a commit, when the change can be read', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 10)]);
      const seqs = world.store.bell.next().then(() => seqsOf(world.store, {}));
      await world.store.amend(origin, [set(1, { analog: false })]);
      expect(await seqs).toEqual([3]);
    });
  });

  describe(`${name}: listIntercoms`, () => {
    it('sorts titles without regard to case, and equal ones by id', async () => {
      await using world = await open();
      const titles = ['дом Б', 'Дом А', 'ДОМ Б', 'tower', 'Tower 2'];
      await world.store.importRows(
        origin,
        titles.map((intercomTitle, i) => row(i + 1, 1, { intercomTitle })),
      );
      const { rows } = await world.store.listIntercoms({}, { by: 'TITLE', descending: false }, ALL);
      expect(rows.map((it) => it.title)).toEqual(['tower', 'Tower 2', 'Дом А', 'дом Б', 'ДОМ Б']);
      const page = { limit: 2, fromEnd: true, before: ['дом б', 3] as const };
      expect(await world.store.listIntercoms({ title: 'ДОМ' }, { by: 'TITLE', descending: false }, page)).toEqual({
        rows: [
          { id: 2, title: 'Дом А', externalId: null, range: { from: 1, to: 1 } },
          { id: 1, title: 'дом Б', externalId: null, range: { from: 1, to: 1 } },
        ],
        hasMore: false,
      });
    });
  });

  describe(`${name}: lineStatistics`, () => {
    it('does not take a new flat for a changed one', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1), row(1, 2, { lines: { analog: false } }), row(2, 1)]);
      const available = { smartphoneSip: 3, landlineSip: 3, analog: 2 };
      expect(await world.store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toEqual({
        flats: 3,
        changed: 0,
        available,
        states: [0, 0, 0, 1, 0, 0, 0, 2],
      });
    });

    it('counts of one intercom or of all, and what was changed since', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1), row(1, 2), row(2, 1)]);
      world.now = 2_000;
      await world.store.amend(origin, [set(1, { analog: false })]);
      world.now = 3_000;
      await world.store.amend(origin, [set(3, { analog: false, landlineSip: false })]);
      expect(await world.store.lineStatistics(undefined, 2_000, Number.MAX_SAFE_INTEGER)).toEqual({
        flats: 3,
        changed: 2,
        available: { smartphoneSip: 3, landlineSip: 2, analog: 1 },
        states: [0, 1, 0, 1, 0, 0, 0, 1],
      });
      expect(await world.store.lineStatistics(undefined, 2_001, Number.MAX_SAFE_INTEGER)).toMatchObject({ changed: 1 });
      expect(await world.store.lineStatistics(1, 2_000, Number.MAX_SAFE_INTEGER)).toEqual({
        flats: 2,
        changed: 1,
        available: { smartphoneSip: 2, landlineSip: 2, analog: 1 },
        states: [0, 0, 0, 1, 0, 0, 0, 1],
      });
      expect(await world.store.lineStatistics(9, 0, Number.MAX_SAFE_INTEGER)).toEqual({
        flats: 0,
        changed: 0,
        available: { smartphoneSip: 0, landlineSip: 0, analog: 0 },
        states: [0, 0, 0, 0, 0, 0, 0, 0],
      });
    });

    it('agrees with the flats after many concurrent and refused updates', async () => {
      await using world = await open();
      await world.store.importRows(
        origin,
        Array.from({ length: 50 }, (_, i) => row(1 + (i % 3), i + 1)),
      );
      const patches = Array.from({ length: 300 }, (_, i): [number, LinesPatch] => [
        1 + ((i * 37) % 52),
        { smartphoneSip: i % 2 === 0, landlineSip: i % 3 === 0, analog: i % 5 === 0 },
      ]);
      await Promise.all(
        patches.map(([id, patch], i) =>
          world.store.amend(origin, [set(id, patch), set(id === 1 ? 99 : 1, { analog: i % 7 === 0 })], {
            atomic: i % 4 === 0,
          }),
        ),
      );
      const { rows } = await world.store.listFlats({ lines: {} }, BY_INTERCOM, ALL);
      const count = (line: keyof Flat['lines']) => rows.filter((it) => it.lines[line]).length;
      expect(await world.store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toEqual({
        flats: 50,
        changed: rows.filter((it) => it.version > 1).length,
        available: {
          smartphoneSip: count('smartphoneSip'),
          landlineSip: count('landlineSip'),
          analog: count('analog'),
        },
        states: LINE_STATES.map((state) => rows.filter((it) => sameLines(it.lines, state)).length),
      });
    });
  });

  describe(`${name}: silentIntercoms`, () => {
    it('lists the intercoms with the most flats in which no line is available', async () => {
      await using world = await open();
      expect(await world.store.silentIntercoms(8)).toEqual([]);
      const none = { lines: { smartphoneSip: false, landlineSip: false, analog: false } };
      const silent = [3, 1, 3, 2, 3, 2, 4];
      await world.store.importRows(
        origin,
        silent.map((intercomId, i) => row(intercomId, i + 1, intercomId === 4 ? {} : none)),
      );
      const most = [
        { intercomId: 3, silentFlats: 3 },
        { intercomId: 2, silentFlats: 2 },
        { intercomId: 1, silentFlats: 1 },
      ];
      expect(await world.store.silentIntercoms(8)).toEqual(most);
      expect(await world.store.silentIntercoms(2)).toEqual(most.slice(0, 2));
      expect(await world.store.silentIntercoms(0)).toEqual([]);
      await world.store.amend(origin, [set(1, { analog: true }), set(3, { analog: true })]);
      expect(await world.store.silentIntercoms(8)).toEqual([
        { intercomId: 2, silentFlats: 2 },
        { intercomId: 1, silentFlats: 1 },
        { intercomId: 3, silentFlats: 1 },
      ]);
    });

    it('counts an intercom with more flats than are read at once', async () => {
      await using world = await open();
      const none = { lines: { smartphoneSip: false, landlineSip: false, analog: false } };
      const rows = (intercomId: number, many: number) =>
        Array.from({ length: many }, (_, i) => row(intercomId, i + 1, none));
      await world.store.importRows(origin, [...rows(1, 3), ...rows(2, 20_010), ...rows(3, 1)]);
      expect(await world.store.silentIntercoms(2)).toEqual([
        { intercomId: 2, silentFlats: 20_010 },
        { intercomId: 1, silentFlats: 3 },
      ]);
    });
  });

  describe(`${name}: names`, () => {
    it('are listed from a prefix on, each once, in the order of their bytes', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(origin, [
        row(1, 1, { keys: ['A2', 'A1', 'a1', 'B'], users: ['борис', 'anna', 'anton'] }),
        row(1, 2, { keys: ['A2', 'A', '\u{1f600}'], users: ['anna', 'Anna'] }),
      ]);
      expect(await store.namesFrom('keys', 'A', 8)).toEqual(['A', 'A1', 'A2']);
      expect(await store.namesFrom('keys', 'A', 2)).toEqual(['A', 'A1']);
      expect(await store.namesFrom('keys', '', 8)).toEqual(['A', 'A1', 'A2', 'B', 'a1', '\u{1f600}']);
      expect(await store.namesFrom('keys', 'A', 0)).toEqual([]);
      expect(await store.namesFrom('keys', 'x', 8)).toEqual([]);
      expect(await store.namesFrom('users', 'an', 8)).toEqual(['anna', 'anton']);
      expect(await store.namesFrom('users', 'б', 8)).toEqual(['борис']);
      expect(await store.namesFrom('users', '%', 8)).toEqual([]);
      await store.changeLinks(origin, {
        ref: { by: 'id', flatId: 1 },
        link: 'users',
        attach: false,
        names: ['anton'],
        reason: null,
      });
      expect(await store.namesFrom('users', 'an', 8)).toEqual(['anna']);
    });
  });

  describe(`${name}: relations`, () => {
    it('leave out what does not exist, and take an id twice for once', async () => {
      await using world = await open();
      await world.store.importRows(origin, [row(1, 1, { keys: ['B', 'A'], users: ['борис', 'anna'] }), row(2, 1)]);
      const { store } = world;
      expect([...(await store.flatsById([2, 9, 2])).keys()]).toEqual([2]);
      expect(await store.intercomsById([1, 1, 9])).toEqual(
        new Map([[1, { id: 1, title: 'Intercom 1', externalId: null, range: { from: 1, to: 1 } }]]),
      );
      expect(await store.keysOf([1, 1, 2, 9])).toEqual(new Map([[1, ['A', 'B']]]));
      expect(await store.usersOf([1, 1, 2, 9])).toEqual(new Map([[1, ['anna', 'борис']]]));
      expect(await store.changesBySeq([0, 9])).toEqual(new Map());
      expect(await store.linkedNames('keys', ['B', 'B', 'a', ''])).toEqual(new Set(['B']));
      expect(await store.linkedNames('users', ['борис', 'Борис'])).toEqual(new Set(['борис']));
      expect(await store.flatCounts([1, 1, 2, 9])).toEqual(
        new Map([
          [1, 1],
          [2, 1],
        ]),
      );
      expect(await store.flatsById([])).toEqual(new Map());
      expect(await store.lastFlatId()).toBe(2);
    });
  });
}

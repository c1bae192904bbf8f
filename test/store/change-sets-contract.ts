import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS, type Change } from '../../src/domain/change.ts';
import type { LinesPatch } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { ChangesPrunedError, type Outcome, type Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';

const crm = { actor: 'crm', channel: 'GRAPHQL' } as const;
const file = { actor: 'local', channel: 'IMPORT' } as const;
const ALL = { limit: 1_000, fromEnd: false } as const;
const ON = { smartphoneSip: true, landlineSip: true, analog: true };
const OFF: LinesPatch = { analog: false };

const set = (flatId: number, patch: LinesPatch = OFF, more: Partial<Update> = {}): Update => ({
  ...{ ref: { by: 'id', flatId }, patch, acceptedVersions: undefined, reason: null, ...more },
});
const flats = (count: number) => Array.from({ length: count }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} }));
const changesOf = async (store: Store): Promise<readonly Change[]> =>
  (await store.listChanges({ kinds: CHANGE_KINDS }, ALL)).rows;
const setsOf = async (store: Store) => (await changesOf(store)).map((it) => it.changeSet);
const listed = async (store: Store) => (await store.listChangeSets({}, ALL)).rows.map((it) => it.seq);
const setOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap((it) => (it.kind === 'written' ? it.change.changeSet : []));

/** What every store promises of change sets. */
export function describeChangeSets(name: string, open: () => Promise<StoreWorld>): void {
  describe(`${name}: a change set`, () => {
    it('is all of an import, and each other call', async () => {
      await using world = await open();
      const { store } = world;
      expect((await store.importRows(file, flats(2))).changeSet).toBe(1);
      expect((await store.importRows(file, [{ intercomId: 1, flat: 3, lines: {} }], 1)).changeSet).toBe(1);
      expect((await store.importRows(file, flats(2))).changeSet).toBeUndefined();
      expect((await store.importRows(file, flats(2), 1)).changeSet).toBe(1);
      const outcomes = await store.amend(crm, [set(1), set(9), set(2), set(1, { analog: true })]);
      expect(setOf(outcomes)).toEqual([5, 5, 5]);
      expect(setOf(await store.amend(crm, [set(1, { landlineSip: false })]))).toEqual([8]);
      await store.changeLinks(crm, {
        ref: { by: 'id', flatId: 1 },
        link: 'keys',
        attach: true,
        names: ['A'],
        reason: null,
      });
      await store.addIntercom(crm, {
        title: 'B',
        externalId: null,
        range: { from: 1, to: 2 },
        lines: ON,
        reason: null,
      });
      expect(await setsOf(store)).toEqual([1, 1, 1, 1, 5, 5, 5, 8, 9, 10]);
      expect(await listed(store)).toEqual([1, 5, 8, 9, 10]);
    });

    it('is one call, though it takes several commits between which others write', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, flats(230));
      const all = Array.from({ length: 220 }, (_, i) => set(i + 1));
      const other = { actor: 'billing', channel: 'REST' } as const;
      const [bulk, again, ...singles] = await Promise.all([
        store.amend(crm, all),
        store.amend(
          crm,
          all.map((it) => ({ ...it, patch: { analog: true } })),
        ),
        ...Array.from({ length: 10 }, (_, i) => store.amend(other, [set(221 + i)])),
      ]);
      const [first] = setOf(bulk);
      const [second] = setOf(again);
      expect(setOf(bulk)).toEqual(all.map(() => first));
      expect(setOf(again)).toEqual(all.map(() => second));
      const ofSingles = singles.flatMap(setOf);
      expect(new Set([first, second, ...ofSingles]).size).toBe(12);
      const rows = await changesOf(store);
      expect(rows.filter((it) => it.seq === it.changeSet).map((it) => it.seq)).toEqual(await listed(store));
      const last = rows.findLast((it) => it.changeSet === first);
      expect((await store.changeSetSizes([first as number])).get(first as number)).toEqual({
        ...{ changes: 220, endedAt: last?.changedAt },
      });
      const filter = { changeSet: second };
      expect(await store.countChanges(filter)).toBe(220);
      expect((await store.listChanges(filter, ALL)).rows).toEqual(rows.filter((it) => it.changeSet === second));
    });

    it('is nothing where an atomic call is refused, or nothing changes', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, flats(2));
      expect(setOf(await store.amend(crm, [set(1), set(9)], { atomic: true }))).toEqual([]);
      expect(setOf(await store.amend(crm, [set(1), set(2)], { atomic: true }))).toEqual([4, 4]);
      expect(setOf(await store.amend(crm, [set(1), set(2)]))).toEqual([]);
      expect(await listed(store)).toEqual([1, 4]);
    });

    it('is gone on with by a later call', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, flats(3));
      const [changeSet] = setOf(await store.amend(crm, [set(1)]));
      world.now = 2_000;
      await store.amend(crm, [set(3)], { changeSet });
      await store.amend({ actor: 'boris', channel: 'REST' }, [set(1, { landlineSip: false })]);
      world.now = 3_000;
      await store.amend(crm, [set(2), set(1, { analog: true })], { changeSet });
      expect((await setsOf(store)).slice(4)).toEqual([5, 5, 7, 5, 5]);
      expect(await store.changeSetSizes([5, 7])).toEqual(
        new Map([
          [5, { changes: 4, endedAt: 3_000 }],
          [7, { changes: 1, endedAt: 2_000 }],
        ]),
      );
      const scanned = await store.scanChangeSet(5, 0, 100);
      expect(scanned).toMatchObject({ others: 0, next: undefined });
      expect(scanned.flats.map((it) => [it.flatId, it.changedSince, it.now?.version])).toEqual([
        [1, 7, 4],
        [3, undefined, 2],
        [2, undefined, 2],
      ]);
    });

    it('is no longer listed, nor scanned, once its first change is pruned; what is left of it is in the log', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, flats(3));
      await store.amend(crm, [set(1), set(2)]);
      await store.amend(crm, [set(3)]);
      expect(await store.scanChangeSet(5, 0, 100)).toMatchObject({ flats: [{ flatId: 1 }, { flatId: 2 }] });
      await store.prune(5, 99);
      expect(await listed(store)).toEqual([7]);
      expect(await setsOf(store)).toEqual([5, 7]);
      await expect(store.scanChangeSet(5, 0, 100)).rejects.toThrow(ChangesPrunedError);
      expect(await store.changeSetSizes([5, 7])).toEqual(new Map([[7, { changes: 1, endedAt: 1_000 }]]));
      await store.amend(crm, [set(1, { analog: true })]);
      await store.prune(7, 99);
      expect(await listed(store)).toEqual([8]);
    });

    it('says of a flat that is deleted that it is gone', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, flats(2));
      await store.amend(crm, [set(1), set(2)]);
      const range = { flatFrom: 1, flatTo: 1, title: undefined, externalId: undefined };
      await store.amendIntercom(crm, {
        ...{ kind: 'update', ref: { by: 'id', intercomId: 1 }, ...range, lines: ON, force: true, reason: null },
      });
      const { flats: left } = await store.scanChangeSet(4, 0, 100);
      expect(left).toEqual([
        { flatId: 1, before: ON, changedSince: undefined, now: { version: 2, lines: { ...ON, analog: false } } },
        { flatId: 2, before: ON, changedSince: undefined, now: undefined },
      ]);
      expect(await store.changeVersions([4, 5])).toEqual(new Map([[4, 2]]));
    });
  });
}

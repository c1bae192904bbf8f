import { describe, expect, it } from 'vitest';
import type { Flat } from '../../src/domain/flat.ts';
import type { FlatRange } from '../../src/domain/intercom.ts';
import type { IntercomRef } from '../../src/domain/intercom-ref.ts';
import type { Lines } from '../../src/domain/lines.ts';
import type { LinkChange } from '../../src/domain/link-change.ts';
import { type Field, type FieldErrorCode, refuseField } from '../../src/domain/refusal.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import type { IntercomAmendment } from '../../src/domain/update-intercom.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;
const ON: Lines = { smartphoneSip: true, landlineSip: true, analog: true };
const OFF: Lines = { ...ON, analog: false };
const ALL = { limit: 500, fromEnd: false } as const;
const BY_INTERCOM = { by: 'INTERCOM', descending: false } as const;

const draft = (from: number, to: number, externalId: string | null = null, lines = ON) => ({
  ...{ title: 'Garden street 7', externalId, lines, reason: null },
  range: { from, to },
});

const byId = (intercomId: number) => ({ by: 'id', intercomId }) as const;

/** Sets the range, and what else is given. */
const set = (
  ref: IntercomRef,
  range: FlatRange,
  more: { readonly title?: string; readonly externalId?: string | null } = {},
  force = false,
): IntercomAmendment => ({
  ...{ kind: 'update', ref, title: more.title, externalId: more.externalId },
  ...{ flatFrom: range.from, flatTo: range.to, lines: OFF, force, reason: null },
});

const remove = (ref: IntercomRef, force = false): IntercomAmendment => ({ kind: 'delete', ref, force, reason: null });

const refused = (field: Field, code: FieldErrorCode) => ({ kind: 'refused', refusal: refuseField(field, code) });

const links = (flatId: number, link: LinkChange['link'], names: readonly string[], attach = true): LinkChange => ({
  ...{ ref: { by: 'id', flatId }, link, attach, names, reason: null },
});

const switchOff = (flatId: number): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog: false }, acceptedVersions: undefined, reason: null },
});

const flatsOf = async (store: Store, intercomId: number): Promise<readonly Flat[]> =>
  (await store.listFlats({ intercomId, lines: {} }, BY_INTERCOM, ALL)).rows;
const numbersOf = async (store: Store, intercomId: number) => (await flatsOf(store, intercomId)).map((it) => it.flat);

/** What every store promises of intercoms, keys and users that come and go. */
export function describeProvision(name: string, open: () => Promise<StoreWorld>): void {
  describe(`${name}: addIntercom`, () => {
    it('makes the intercom and its flats', async () => {
      await using world = await open();
      const intercom = { id: 1, title: 'Garden street 7', externalId: 'g7', range: { from: 5, to: 7 } };
      expect(await world.store.addIntercom(origin, draft(5, 7, 'g7', OFF))).toEqual({
        ...{ kind: 'done', intercom, flatsAdded: 3, flatsRemoved: 0 },
      });
      expect(await world.store.findIntercom(byId(1))).toEqual(intercom);
      expect(await world.store.findIntercom({ by: 'externalId', externalId: 'g7' })).toEqual(intercom);
      const links = { keyCount: 0, usersCount: 0 };
      expect(await flatsOf(world.store, 1)).toEqual(
        [5, 6, 7].map((flat) => ({
          ...{ id: flat - 4, flat, intercomId: 1, lines: OFF, version: 1, updatedAt: 1_000, ...links },
        })),
      );
    });

    it('lets one of two that ask for the same external id at once have it', async () => {
      await using world = await open();
      const outcomes = await Promise.all([
        world.store.addIntercom(origin, draft(1, 2, 'g7')),
        world.store.addIntercom(origin, draft(1, 2, 'g7')),
        world.store.addIntercom(origin, draft(1, 2)),
        world.store.addIntercom(origin, draft(1, 2)),
      ]);
      expect(outcomes.map((it) => it.kind)).toEqual(['done', 'refused', 'done', 'done']);
      expect(await world.store.countIntercoms({})).toEqual({ count: 3, isExact: true });
      expect(await world.store.countFlats({ lines: {} })).toEqual({ count: 6, isExact: true });
    });

    it('goes on from the greatest id that an import has used, and says when none is left', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 70, flat: 1, flatId: 700, lines: {} }]);
      expect(await world.store.addIntercom(origin, draft(1, 2))).toMatchObject({ intercom: { id: 71 } });
      expect((await flatsOf(world.store, 71)).map((it) => it.id)).toEqual([701, 702]);
      await world.store.importRows(origin, [
        { intercomId: 70, flat: 2, flatId: Number.MAX_SAFE_INTEGER - 2, lines: {} },
      ]);
      expect(await world.store.addIntercom(origin, draft(1, 3))).toEqual(refused('flatTo', 'NO_ID_LEFT'));
      expect(await world.store.amendIntercom(origin, set(byId(71), { from: 1, to: 5 }))).toEqual(
        refused('flatTo', 'NO_ID_LEFT'),
      );
      expect(await world.store.addIntercom(origin, draft(1, 2))).toMatchObject({ kind: 'done', flatsAdded: 2 });
      await world.store.amendIntercom(origin, set(byId(71), { from: 1, to: 1 }));
      await world.store.importRows(origin, [{ intercomId: Number.MAX_SAFE_INTEGER, flat: 1, flatId: 5, lines: {} }]);
      expect(await world.store.addIntercom(origin, draft(1, 1))).toEqual(refused('flatTo', 'NO_ID_LEFT'));
    });
  });

  describe(`${name}: amendIntercom`, () => {
    it('gives a flat to each number that is new to the range, and leaves gaps and flats as they are', async () => {
      await using world = await open();
      await world.store.importRows(
        origin,
        [4, 6].map((flat) => ({ intercomId: 1, flat, lines: {}, keys: ['A'] })),
      );
      world.now = 2_000;
      const outcome = await world.store.amendIntercom(
        origin,
        set(byId(1), { from: 3, to: 8 }, { title: 'New', externalId: 'n' }),
      );
      expect(outcome).toEqual({
        kind: 'done',
        intercom: { id: 1, title: 'New', externalId: 'n', range: { from: 3, to: 8 } },
        ...{ flatsAdded: 3, flatsRemoved: 0 },
      });
      const flats = await flatsOf(world.store, 1);
      expect(flats.map((it) => [it.flat, it.lines.analog, it.updatedAt, it.keyCount])).toEqual([
        [3, false, 2_000, 0],
        [4, true, 1_000, 1],
        [6, true, 1_000, 1],
        [7, false, 2_000, 0],
        [8, false, 2_000, 0],
      ]);
      expect(await world.store.listIntercoms({ title: 'new' }, { by: 'TITLE', descending: false }, ALL)).toMatchObject({
        rows: [{ title: 'New' }],
      });
    });

    it('refuses to take flats that have keys or users, and tells which, unless it is forced', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 200, 'g7'));
      for (let id = 51; id <= 160; id++)
        await world.store.changeLinks(origin, links(id, id % 2 ? 'keys' : 'users', ['A']));
      const shrink = (force: boolean) =>
        world.store.amendIntercom(origin, set(byId(1), { from: 1, to: 50 }, { title: 'New' }, force));
      const refused = await shrink(false);
      const inUse = (await flatsOf(world.store, 1)).filter((it) => it.keyCount + it.usersCount > 0);
      expect(refused).toEqual({
        kind: 'refused',
        refusal: { kind: 'flatsInUse', count: 110, flats: inUse.slice(0, 100) },
      });
      expect(await world.store.findIntercom(byId(1))).toMatchObject({ title: 'Garden street 7', range: { to: 200 } });
      expect(await world.store.countFlats({ lines: {} })).toEqual({ count: 200, isExact: true });

      expect(await shrink(true)).toMatchObject({ kind: 'done', flatsAdded: 0, flatsRemoved: 150 });
      expect(await numbersOf(world.store, 1)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(await world.store.countFlats({ keyCode: 'A', lines: {} })).toEqual({ count: 0, isExact: true });
      // The keys and users went with their flats, and flats that come again are new ones.
      expect(await world.store.amendIntercom(origin, set(byId(1), { from: 1, to: 51 }))).toMatchObject({
        flatsAdded: 1,
      });
      expect((await flatsOf(world.store, 1)).at(-1)).toMatchObject({ id: 201, flat: 51, keyCount: 0, usersCount: 0 });
    });

    it('takes flats that nobody uses without being forced', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 10));
      await world.store.changeLinks(origin, links(5, 'users', ['anna']));
      expect(await world.store.amendIntercom(origin, set(byId(1), { from: 5, to: 6 }))).toMatchObject({
        flatsRemoved: 8,
      });
      expect(await world.store.amendIntercom(origin, set(byId(1), { from: 5, to: 5 }))).toMatchObject({
        flatsRemoved: 1,
      });
      expect(await flatsOf(world.store, 1)).toMatchObject([{ id: 5, flat: 5, usersCount: 1 }]);
    });

    it('does not give away an external id that another intercom has', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 1, 'a'));
      await world.store.addIntercom(origin, draft(1, 1, 'b'));
      const name = (externalId: string | null) =>
        world.store.amendIntercom(origin, set(byId(2), { from: 1, to: 2 }, { externalId }));
      expect(await name('a')).toEqual(refused('newExternalId', 'TAKEN'));
      expect(await numbersOf(world.store, 2)).toEqual([1]);
      expect(await name('b')).toMatchObject({ kind: 'done' });
      await world.store.amendIntercom(
        origin,
        set({ by: 'externalId', externalId: 'a' }, { from: 1, to: 1 }, { externalId: null }),
      );
      expect(await name('a')).toMatchObject({ kind: 'done', intercom: { externalId: 'a' } });
      expect(await world.store.findIntercom({ by: 'externalId', externalId: 'b' })).toBeUndefined();
    });

    it('deletes an intercom with its flats, and keeps what the log says of them', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 3, 'g7'));
      await world.store.addIntercom(origin, draft(1, 3));
      await world.store.amend(origin, [switchOff(2), switchOff(5)]);
      await world.store.changeLinks(origin, links(2, 'keys', ['A']));
      expect(await world.store.amendIntercom(origin, remove(byId(1)))).toMatchObject({
        refusal: { kind: 'flatsInUse', count: 1, flats: [{ id: 2 }] },
      });
      expect(await world.store.amendIntercom(origin, remove(byId(1), true))).toEqual({
        kind: 'done',
        intercom: { id: 1, title: 'Garden street 7', externalId: 'g7', range: { from: 1, to: 3 } },
        ...{ flatsAdded: 0, flatsRemoved: 3 },
      });
      expect(await world.store.findIntercom(byId(1))).toBeUndefined();
      expect(await world.store.countFlats({ lines: {} })).toEqual({ count: 3, isExact: true });
      expect(await world.store.listChanges({ intercomId: 1 }, ALL)).toMatchObject({
        rows: [{ seq: 3, flatId: 2, intercomId: 1, flat: 2, before: ON, after: OFF }],
      });
      expect((await world.store.flatsById([2, 5])).size).toBe(1);
      expect(await world.store.amend(origin, [switchOff(2)])).toMatchObject([{ kind: 'refused' }]);
      expect(await world.store.addIntercom(origin, draft(1, 1, 'g7'))).toMatchObject({ intercom: { id: 3 } });
      expect((await flatsOf(world.store, 3)).map((it) => it.id)).toEqual([7]);
    });

    it('leaves nothing behind when the write fails, and fails nobody else', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 3));
      const results = await Promise.allSettled([
        world.store.addIntercom(origin, draft(1, 2)),
        // No store takes a title of this length.
        world.store.amendIntercom(origin, set(byId(1), { from: 1, to: 9 }, { title: 'x'.repeat(201) })),
        world.store.changeLinks(origin, links(1, 'keys', ['A'])),
      ]);
      expect(results.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await world.store.findIntercom(byId(1))).toMatchObject({ range: { from: 1, to: 3 } });
      expect(await world.store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toMatchObject({
        flats: 5,
        available: { analog: 5 },
      });
    });

    it('keeps the sums of lines true, whatever comes, goes and is updated in one commit', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 10));
      await Promise.all([
        world.store.amend(origin, [switchOff(1), switchOff(2), switchOff(9)]),
        world.store.amendIntercom(origin, set(byId(1), { from: 2, to: 12 })),
        world.store.addIntercom(origin, draft(1, 4, null, OFF)),
        world.store.amend(origin, [switchOff(3), switchOff(1)]),
        world.store.amendIntercom(origin, set(byId(1), { from: 2, to: 8 })),
      ]);
      // Of 2 to 8 two are off, beside the four of the second intercom.
      expect(await world.store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).toEqual({
        ...{
          flats: 11,
          changed: 2,
          available: { smartphoneSip: 11, landlineSip: 11, analog: 5 },
          states: [0, 0, 0, 6, 0, 0, 0, 5],
        },
      });
      expect(await world.store.countFlats({ lines: { analog: false } })).toEqual({ count: 6, isExact: true });
    });
  });

  describe(`${name}: changeLinks`, () => {
    it('attaches and detaches, and tells how many that were', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 2));
      const counts: unknown[] = [];
      for (const link of ['keys', 'users'] as const) {
        for (const [flatId, names, attach] of [
          [1, ['B', 'A', '007'], true],
          [1, ['C', 'A'], true],
          [2, ['A'], true],
          [1, ['A', 'none'], false],
          [1, ['A', 'none'], false],
          [1, [], true],
          [1, [], false],
        ] as const) {
          const linked = await world.store.changeLinks(origin, links(flatId, link, names, attach));
          if (linked.kind !== 'done') throw new Error('the flat is there');
          counts.push([linked.count, link === 'keys' ? linked.flat.keyCount : linked.flat.usersCount]);
          expect(linked.flat).toEqual(await world.store.findFlat({ by: 'id', flatId }));
        }
      }
      const once = [
        [3, 3],
        [1, 4],
        [1, 1],
        [1, 3],
        [0, 3],
        [0, 3],
        [0, 3],
      ];
      expect(counts).toEqual([...once, ...once]);
      const names = new Map([
        [1, ['007', 'B', 'C']],
        [2, ['A']],
      ]);
      expect(await world.store.keysOf([1, 2])).toEqual(names);
      expect(await world.store.usersOf([1, 2])).toEqual(names);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1, updatedAt: 1_000 });
    });

    it('tells what is missing', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 1));
      await world.store.addIntercom(origin, draft(1, 1));
      const missing = async (ref: LinkChange['ref']) =>
        (await world.store.changeLinks(origin, { ref, link: 'users', attach: true, names: ['anna'], reason: null }))
          .kind;
      expect(await missing({ by: 'id', flatId: 9 })).toBe('noFlat');
      expect(await missing({ by: 'number', intercomId: 9, flat: 1 })).toBe('noIntercom');
      expect(await missing({ by: 'id', flatId: 1, intercomId: 2 })).toBe('otherIntercom');
    });
  });
}

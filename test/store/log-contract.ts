import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS, type Change, type ChangeFilter, type ChangeKind } from '../../src/domain/change.ts';
import type { Lines } from '../../src/domain/lines.ts';
import type { LinkChange } from '../../src/domain/link-change.ts';
import type { IntercomAmendment } from '../../src/domain/update-intercom.ts';
import { ChangesPrunedError, type Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';

const origin = { actor: 'crm', channel: 'GRAPHQL' } as const;
const file = { actor: 'local', channel: 'IMPORT' } as const;
const ON: Lines = { smartphoneSip: true, landlineSip: true, analog: true };
const OFF: Lines = { ...ON, analog: false };
const ALL = { limit: 500, fromEnd: false } as const;
const ofIntercom = { intercomId: 1 } as const;
const ofFlat = { ...ofIntercom, flatId: 1, flat: 10 } as const;
const reason = 'moved in';

const changesOf = async (store: Store, filter: ChangeFilter = {}): Promise<readonly Change[]> =>
  (await store.listChanges({ kinds: CHANGE_KINDS, ...filter }, ALL)).rows;
const kindsOf = async (store: Store, filter: ChangeFilter = {}): Promise<readonly ChangeKind[]> =>
  (await changesOf(store, filter)).map((it) => it.kind);

/** A row as it is in the log, but for its moment and its place. */
const row = (by: object, why: string | null, what: object) => ({ ...by, reason: why, ...what });
const withoutPlace = (changes: readonly Change[]) =>
  changes.map(({ seq: _, changedAt: __, changeSet: ___, ...row }) => row);

const switchOff = (flatId: number) => ({
  ...{ ref: { by: 'id', flatId } as const, patch: { analog: false }, acceptedVersions: undefined, reason: null },
});
const links = (flatId: number, link: LinkChange['link'], attach: boolean, names: readonly string[]): LinkChange => ({
  ...{ ref: { by: 'id', flatId }, link, attach, names, reason },
});
const draft = (from: number, to: number) => ({
  ...{ title: 'Garden street 7', externalId: null, range: { from, to }, lines: ON, reason },
});
const range = (from: number, to: number, title?: string): IntercomAmendment => ({
  ...{ kind: 'update', ref: { by: 'id', intercomId: 1 }, title, externalId: undefined },
  ...{ flatFrom: from, flatTo: to, lines: ON, force: true, reason },
});
const remove: IntercomAmendment = { kind: 'delete', ref: { by: 'id', intercomId: 1 }, force: true, reason };

/** What every store promises of the rows of its log that are not about lines. */
export function describeLog(name: string, open: () => Promise<StoreWorld>): void {
  describe(`${name}: the log of what is imported`, () => {
    it('has one row for a new flat with its links, and one for its intercom', async () => {
      await using world = await open();
      const links = { keys: ['B', 'A'], users: ['anna'] };
      await world.store.importRows(file, [
        { ...ofIntercom, intercomTitle: 'Tower', flat: 10, lines: { analog: false }, ...links },
        { ...ofIntercom, flat: 11, lines: {} },
      ]);
      const after = { title: 'Tower', externalId: null, range: { from: 10, to: 11 } };
      const counts = { flatsAdded: 0, flatsRemoved: 0 };
      const created = { ...file, reason: null, changedAt: 1_000, changeSet: 1, kind: 'FLAT_CREATED', ...ofIntercom };
      expect(await changesOf(world.store)).toEqual([
        { ...created, seq: 1, kind: 'INTERCOM_CREATED', before: null, after, ...counts },
        { ...created, seq: 2, flatId: 1, flat: 10, lines: OFF, ...links },
        { ...created, seq: 3, flatId: 2, flat: 11, lines: ON, keys: [], users: [] },
      ]);
    });

    it('has what came and went of a flat that exists, and nothing when nothing did', async () => {
      await using world = await open();
      const flat = { ...ofIntercom, intercomTitle: 'Tower', flat: 10, lines: {} };
      const before = { title: 'Tower', externalId: null, range: { from: 10, to: 10 } };
      await world.store.importRows(file, [{ ...flat, keys: ['A', 'B'], users: ['anna'] }]);
      const head = await world.store.changesHead();
      await world.store.importRows(file, [{ ...flat, keys: ['B', 'A'], users: ['anna'] }]);
      expect(await world.store.changesHead()).toBe(head);
      await world.store.importRows(file, [
        { ...flat, intercomTitle: 'Tower 2', keys: ['D', 'B', 'C'], users: [] },
        { ...flat, intercomTitle: 'Tower 3' },
      ]);
      expect(withoutPlace(await changesOf(world.store)).slice(2)).toEqual([
        row(file, null, {
          ...{ kind: 'INTERCOM_CHANGED', ...ofIntercom, before, after: { ...before, title: 'Tower 3' } },
          ...{ flatsAdded: 0, flatsRemoved: 0 },
        }),
        row(file, null, { kind: 'KEYS_DETACHED', ...ofFlat, names: ['A'] }),
        row(file, null, { kind: 'KEYS_ATTACHED', ...ofFlat, names: ['C', 'D'] }),
        row(file, null, { kind: 'USERS_DETACHED', ...ofFlat, names: ['anna'] }),
      ]);
    });
  });

  describe(`${name}: the log of what is provisioned`, () => {
    it('has one row for an intercom and all flats of its range', async () => {
      await using world = await open();
      await world.store.addIntercom(origin, draft(1, 300));
      await world.store.amendIntercom(origin, range(1, 300));
      await world.store.amendIntercom(origin, range(201, 310, 'New'));
      await world.store.amendIntercom(origin, remove);
      await world.store.amendIntercom(origin, remove);
      const first = { title: 'Garden street 7', externalId: null, range: { from: 1, to: 300 } };
      const second = { ...first, title: 'New', range: { from: 201, to: 310 } };
      expect(withoutPlace(await changesOf(world.store))).toEqual(
        [
          { kind: 'INTERCOM_CREATED', before: null, after: first, flatsAdded: 300, flatsRemoved: 0 },
          { kind: 'INTERCOM_CHANGED', before: first, after: second, flatsAdded: 10, flatsRemoved: 200 },
          { kind: 'INTERCOM_DELETED', before: second, after: null, flatsAdded: 0, flatsRemoved: 110 },
        ].map((it) => row(origin, reason, { ...ofIntercom, ...it })),
      );
    });

    it('has the names that were really attached and detached', async () => {
      await using world = await open();
      await world.store.importRows(file, [{ ...ofIntercom, flat: 10, lines: {}, keys: ['A'], users: ['anna'] }]);
      for (const [link, attach, names] of [
        ['keys', true, ['C', 'A', 'B']],
        ['keys', true, ['A']],
        ['keys', false, ['none', 'A']],
        ['users', true, ['boris', 'anna']],
        ['users', false, ['boris', 'anna', 'none']],
      ] as const) {
        await world.store.changeLinks(origin, links(1, link, attach, names));
      }
      expect(withoutPlace(await changesOf(world.store)).slice(2)).toEqual(
        [
          { kind: 'KEYS_ATTACHED', names: ['B', 'C'] },
          { kind: 'KEYS_DETACHED', names: ['A'] },
          { kind: 'USERS_ATTACHED', names: ['boris'] },
          { kind: 'USERS_DETACHED', names: ['anna', 'boris'] },
        ].map((it) => row(origin, reason, { ...ofFlat, ...it })),
      );
    });
  });

  describe(`${name}: rows of all kinds`, () => {
    it('are in one order, and those of lines are read alone where nothing else is asked for', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, [{ ...ofIntercom, flat: 10, lines: {} }]);
      await store.amend(origin, [switchOff(1)]);
      await store.changeLinks(origin, links(1, 'keys', true, ['A']));
      await store.amendIntercom(origin, range(10, 11));
      await store.amend(origin, [switchOff(2)]);
      const all = ['INTERCOM_CREATED', 'FLAT_CREATED', 'LINES_SET', 'KEYS_ATTACHED', 'INTERCOM_CHANGED', 'LINES_SET'];
      expect(await kindsOf(store)).toEqual(all);
      expect((await changesOf(store)).map((it) => it.seq)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await kindsOf(store, { kinds: undefined })).toEqual(['LINES_SET', 'LINES_SET']);
      expect(await store.countChanges({})).toBe(2);
      expect(await store.countChanges({ kinds: CHANGE_KINDS }, 5)).toBe(4);
      expect(await kindsOf(store, { kinds: ['KEYS_ATTACHED', 'LINES_SET'], actor: 'crm' })).toEqual([
        ...['LINES_SET', 'KEYS_ATTACHED', 'LINES_SET'],
      ]);
      expect(await store.listChanges({ kinds: CHANGE_KINDS }, { limit: 3, fromEnd: true, before: 6 })).toMatchObject({
        ...{ rows: [{ seq: 3 }, { seq: 4 }, { seq: 5 }], hasMore: true },
      });
    });

    it('include, for a flat, those of its intercom that made it', async () => {
      await using world = await open();
      const { store } = world;
      await store.addIntercom(origin, draft(1, 3));
      await store.amendIntercom(origin, range(1, 3, 'New'));
      await store.amendIntercom(origin, range(2, 5));
      await store.amend(origin, [switchOff(2)]);
      await store.addIntercom(origin, draft(1, 5));
      const of = (flatId: number, flat: number) => changesOf(store, { flatId, flatIn: { ...ofIntercom, flat } });
      expect((await of(2, 2)).map((it) => it.seq)).toEqual([1, 4]);
      expect((await of(5, 5)).map((it) => it.seq)).toEqual([3]);
      expect((await of(1, 1)).map((it) => it.seq)).toEqual([1, 3]);
      expect(await kindsOf(store, { flatId: 2 })).toEqual(['LINES_SET']);
    });

    it('are pruned together, but for the newest of them', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, [{ ...ofIntercom, flat: 10, lines: {} }]);
      for (const flatId of [1, 1]) {
        await store.amend(origin, [switchOff(flatId)]);
        await store.changeLinks(origin, links(flatId, 'keys', true, ['A', 'B']));
      }
      await store.changeLinks(origin, links(1, 'keys', false, ['A']));
      expect((await changesOf(store)).map((it) => it.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(await store.prune(4, 3)).toBe(3);
      expect(await kindsOf(store)).toEqual(['KEYS_ATTACHED', 'KEYS_DETACHED']);
      await expect(store.listChanges({}, { ...ALL, after: 2 })).rejects.toThrow(ChangesPrunedError);
      expect(await store.prune(99, 99)).toBe(1);
      expect(await kindsOf(store)).toEqual(['KEYS_DETACHED']);
      expect(await store.changesHead()).toBe(5);
    });

    it('are found by their times, also where the clock went back', async () => {
      await using world = await open();
      const { store } = world;
      await store.importRows(file, [{ ...ofIntercom, flat: 10, lines: {} }]);
      world.now = 5_000;
      await store.changeLinks(origin, links(1, 'keys', true, ['A']));
      world.now = 3_000;
      await store.amend(origin, [switchOff(1)]);
      world.now = 4_000;
      await store.changeLinks(origin, links(1, 'keys', false, ['A']));
      const seqs = async (filter: ChangeFilter) => (await changesOf(store, filter)).map((it) => it.seq);
      expect(await seqs({ from: 4_000 })).toEqual([3, 5]);
      expect(await seqs({ from: 3_000, to: 5_000 })).toEqual([4, 5]);
      expect(await seqs({ to: 3_000 })).toEqual([1, 2]);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Flat, Missing } from '../../src/domain/flat.ts';
import type { FlatRef } from '../../src/domain/flat-ref.ts';
import type { FlatRow } from '../../src/domain/import-row.ts';
import type { Lines } from '../../src/domain/lines.ts';
import { refuseMissing, type Update } from '../../src/domain/update-flat.ts';
import type { Store } from '../../src/store/store.ts';

/** A store of the test's own, with a clock that the test can set. */
export interface StoreWorld extends AsyncDisposable {
  readonly store: Store;
  now: number;
}

const origin = { actor: 'tester', channel: 'CLI' } as const;
const ON: Lines = { smartphoneSip: true, landlineSip: true, analog: true };
const OFF: Lines = { ...ON, analog: false };
const reason = null;

const flat = (more: Partial<Flat> = {}): Flat => ({
  id: 1,
  flat: 10,
  intercomId: 1,
  keyCount: 0,
  usersCount: 0,
  lines: ON,
  version: 1,
  updatedAt: 1_000,
  ...more,
});

/** An update that sets the lines of flat 10 of intercom 1. */
const set = (patch: Lines, ref: FlatRef = { by: 'number', intercomId: 1, flat: 10 }): Update => ({
  ...{ ref, patch, acceptedVersions: undefined, reason },
});

const importRows = async (store: Store, rows: readonly FlatRow[]) => (await store.importRows(origin, rows)).outcomes;

/** What every store promises, whatever it is built on. */
export function describeStore(name: string, open: () => Promise<StoreWorld>): void {
  describe(`${name}: importRows`, () => {
    it('brings an intercom, a flat and its links into being', async () => {
      await using world = await open();
      const row = { intercomId: 1, flat: 10, lines: { analog: false }, keys: ['A', 'B'], users: ['anna'] };
      expect((await world.store.importRows(origin, [row])).outcomes).toEqual([
        { kind: 'created', flatId: 1, intercom: 'created' },
      ]);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toEqual(
        flat({ lines: OFF, keyCount: 2, usersCount: 1 }),
      );
    });

    it('leaves a flat that exists as it is, and replaces the links that are given', async () => {
      await using world = await open();
      const row = { intercomId: 1, flat: 10, lines: {}, keys: ['A', 'B'], users: ['anna'] };
      await world.store.importRows(origin, [row]);
      world.now = 2_000;
      expect(
        await importRows(world.store, [
          { intercomId: 1, flat: 10, lines: { analog: false } },
          { ...row, keys: ['B', 'A'] },
          { ...row, keys: ['C'], users: ['boris', 'anna'] },
        ]),
      ).toEqual([
        { kind: 'existing', flatId: 1, intercom: 'same', linksChanged: false },
        { kind: 'existing', flatId: 1, intercom: 'same', linksChanged: false },
        { kind: 'existing', flatId: 1, intercom: 'same', linksChanged: true },
      ]);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toEqual(flat({ keyCount: 1, usersCount: 2 }));
    });

    it('refuses a range that would leave flats of its intercom outside, whatever ids these have', async () => {
      await using world = await open();
      const give = (from: number, to: number) =>
        importRows(world.store, [{ intercomId: 2, flat: 6, lines: {}, intercomRange: { from, to } }]);
      await importRows(world.store, [
        { intercomId: 1, flat: 1, lines: {} },
        { intercomId: 2, flat: 5, lines: {} },
        { intercomId: 2, flat: 8, lines: {} },
      ]);
      const refused = (column: string) => [{ kind: 'refused', error: { column, reason: 'flatsOutside' } }];
      expect(await give(6, 9)).toEqual(refused('intercomFlatFrom'));
      expect(await give(1, 7)).toEqual(refused('intercomFlatTo'));
      expect(await give(5, 8)).toEqual([{ kind: 'created', flatId: 4, intercom: 'same' }]);
      expect(await give(1, 9)).toEqual([{ kind: 'existing', flatId: 4, intercom: 'changed', linksChanged: false }]);
    });

    it('hangs one key and one user on several flats', async () => {
      await using world = await open();
      const links = { lines: {}, keys: ['A'], users: ['anna'] };
      await world.store.importRows(origin, [
        { intercomId: 1, flat: 10, ...links },
        { intercomId: 1, flat: 11, ...links },
      ]);
      expect(await world.store.findFlat({ by: 'id', flatId: 2 })).toEqual(
        flat({ id: 2, flat: 11, keyCount: 1, usersCount: 1 }),
      );
    });

    it('gives a flat the record id that is asked for, unless another flat has it', async () => {
      await using world = await open();
      expect(
        await importRows(world.store, [
          { intercomId: 1, flat: 10, flatId: 70, lines: {} },
          { intercomId: 1, flat: 11, lines: {} },
          { intercomId: 1, flat: 12, flatId: 70, lines: {} },
          { intercomId: 1, flat: 10, flatId: 5, lines: {} },
          { intercomId: 1, flat: 10, flatId: 70, lines: {} },
        ]),
      ).toEqual([
        { kind: 'created', flatId: 70, intercom: 'created' },
        { kind: 'created', flatId: 71, intercom: 'same' },
        { kind: 'refused', error: { column: 'flatId', reason: 'flatIdTaken' } },
        { kind: 'refused', error: { column: 'flatId', reason: 'otherFlatId' } },
        { kind: 'existing', flatId: 70, intercom: 'same', linksChanged: false },
      ]);
    });
  });

  describe(`${name}: exportRows`, () => {
    it('gives every row as it was at one moment, whatever is written meanwhile', async () => {
      await using world = await open();
      const intercom = {
        intercomId: 1,
        intercomTitle: 'Main',
        intercomExternalId: 'A',
        intercomRange: { from: 1, to: 2_000 },
      };
      const rows = Array.from({ length: 1_500 }, (_, i) => ({
        ...intercom,
        flat: i + 1,
        flatId: 3_000 - i,
        lines: i % 2 ? ON : OFF,
        ...(i === 7 && { keys: ['A', 'B'], users: ['anna', 'boris'] }),
      }));
      const empty = { intercomId: 2, intercomTitle: 'Empty' };
      await world.store.importRows(origin, [...rows, empty]);
      const read: unknown[] = [];
      for await (const batch of world.store.exportRows()) {
        if (read.length === 0) {
          await world.store.importRows(origin, [
            { intercomId: 2, flat: 1, lines: {} },
            { intercomId: 1, intercomTitle: 'Yard' },
            { ...rows[1_400], intercomTitle: 'Yard', keys: ['C'] } as FlatRow,
          ]);
          await world.store.amend(origin, [set(ON, { by: 'number', intercomId: 1, flat: 1_499 })]);
        }
        read.push(...batch);
      }
      expect(read).toEqual([...rows, empty]);
    });

    it('gives nothing of nothing', async () => {
      await using world = await open();
      for await (const batch of world.store.exportRows()) expect(batch).toBeUndefined();
    });
  });

  describe(`${name}: amend`, () => {
    it('writes state and log row together, at one moment', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
      world.now = 2_000;
      const written = flat({ lines: OFF, version: 2, updatedAt: 2_000 });
      expect(await world.store.amend(origin, [set(OFF)])).toEqual([
        {
          kind: 'written',
          flat: written,
          change: {
            ...origin,
            kind: 'LINES_SET',
            seq: 3,
            changedAt: 2_000,
            reason: null,
            changeSet: 3,
            flatId: 1,
            intercomId: 1,
            flat: 10,
            before: ON,
            after: OFF,
          },
        },
      ]);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toEqual(written);
    });

    it('applies edits of one flat in their order', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
      const outcomes = await world.store.amend(origin, [set(OFF), set(ON), set(OFF)]);
      expect(outcomes).toMatchObject([
        { kind: 'written', flat: { version: 2 }, change: { seq: 3, before: ON, after: OFF } },
        { kind: 'written', flat: { version: 3 }, change: { seq: 4, before: OFF, after: ON } },
        { kind: 'written', flat: { version: 4 }, change: { seq: 5, before: ON, after: OFF } },
      ]);
    });

    it('does not let a refused or a kept edit stop the others', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
      const outcomes = await world.store.amend(origin, [set(OFF, { by: 'id', flatId: 9 }), set(ON), set(OFF)]);
      expect(outcomes.map((it) => it.kind)).toEqual(['refused', 'kept', 'written']);
      expect(outcomes[1]).toEqual({ kind: 'kept', flat: flat() });
    });

    it.each<[string, FlatRef, string]>([
      ['an unknown intercom', { by: 'number', intercomId: 9, flat: 10 }, 'noIntercom'],
      ['an unknown number', { by: 'number', intercomId: 1, flat: 99 }, 'noFlat'],
      ['an unknown record id', { by: 'id', flatId: 99 }, 'noFlat'],
      ['an unknown record id on an unknown intercom', { by: 'id', flatId: 99, intercomId: 9 }, 'noIntercom'],
      ['an unknown record id on a known intercom', { by: 'id', flatId: 99, intercomId: 1 }, 'noFlat'],
      ['a record id on another intercom', { by: 'id', flatId: 1, intercomId: 2 }, 'otherIntercom'],
      ['a record id on an unknown intercom', { by: 'id', flatId: 1, intercomId: 9 }, 'noIntercom'],
      ['a record id on its intercom', { by: 'id', flatId: 1, intercomId: 1 }, 'flat'],
      ['a number that another intercom has, too', { by: 'number', intercomId: 2, flat: 10 }, 'flat'],
    ])('finds under %s what is there', async (_, ref, kind) => {
      await using world = await open();
      await world.store.importRows(origin, [
        { intercomId: 1, flat: 10, lines: {} },
        { intercomId: 2, flat: 10, lines: {} },
      ]);
      const [outcome] = await world.store.amend(origin, [set(OFF, ref)]);
      expect(outcome).toMatchObject(
        kind === 'flat' ? { kind: 'written' } : { kind: 'refused', refusal: refuseMissing(ref, { kind } as Missing) },
      );
      expect((await world.store.findFlat(ref)) !== undefined).toBe(kind === 'flat');
    });

    it('keeps every one of many concurrent edits, in the order they came', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
      const outcomes = await Promise.all(
        Array.from({ length: 500 }, (_, i) => world.store.amend(origin, [set(i % 2 ? ON : OFF)])),
      );
      expect(outcomes.flat().map((it) => it.kind === 'written' && [it.change.seq, it.flat.version])).toEqual(
        Array.from({ length: 500 }, (_, i) => [i + 3, i + 2]),
      );
    });

    it('fails only the caller whose write fails', async () => {
      await using world = await open();
      await world.store.importRows(origin, [{ intercomId: 1, flat: 10, lines: {} }]);
      // No store takes a reason of this length.
      const broken = { ...set(OFF), reason: 'x'.repeat(501) };
      const results = await Promise.allSettled([
        world.store.amend(origin, [set(OFF)]),
        world.store.amend(origin, [set(ON), broken]),
        world.store.amend(origin, [set(ON)]),
      ]);
      expect(results.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ lines: ON, version: 3 });
    });
  });
}

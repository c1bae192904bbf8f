import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newNumbers } from '../../src/domain/flat-range.ts';
import type { FlatRange } from '../../src/domain/intercom.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import type { StoreWorld } from './contract.ts';

/** One intercom as a plain mind has it: its range, and the keys and users of each of its flats. */
interface Plain {
  range: FlatRange;
  readonly flats: Map<number, { readonly keys: Set<string>; readonly users: Set<string> }>;
}

const range = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }))
  .map(([from, more]): FlatRange => ({ from, to: from + more }));
const index = fc.nat(3);
const names = fc.subarray(['A', 'b', '7'], { minLength: 1 });

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), range }),
    fc.record({ kind: fc.constant('range' as const), index, range, force: fc.boolean() }),
    fc.record({ kind: fc.constant('delete' as const), index, force: fc.boolean() }),
    fc.record({ kind: fc.constant('place' as const), index, flat: fc.integer({ min: 1, max: 20 }) }),
    fc.record({
      ...{ kind: fc.constant('link' as const), index, flat: fc.integer({ min: 1, max: 18 }), names },
      ...{ attach: fc.boolean(), link: fc.constantFrom('keys' as const, 'users' as const) },
    }),
  ),
  { minLength: 5, maxLength: 25, size: 'max' },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const inUse = (plain: Plain, stays: FlatRange | null) =>
  [...plain.flats].filter(
    ([flat, { keys, users }]) => keys.size + users.size > 0 && !(stays && flat >= stays.from && flat <= stays.to),
  ).length;
const fill = ({ flats }: Plain, numbers: readonly FlatRange[]) => {
  for (const { from, to } of numbers) {
    for (let flat = from; flat <= to; flat++)
      if (!flats.has(flat)) flats.set(flat, { keys: new Set(), users: new Set() });
  }
};

/** Takes the step in the store and in mind. */
async function take(store: Store, world: Map<number, Plain>, step: Step): Promise<void> {
  if (step.kind === 'add') {
    const added = await store.addIntercom(TESTER, {
      title: 'T',
      externalId: null,
      range: step.range,
      lines: ALL_AVAILABLE,
      reason: null,
    });
    if (added.kind !== 'done') throw new Error(added.kind);
    const plain: Plain = { range: step.range, flats: new Map() };
    fill(plain, [step.range]);
    world.set(added.intercom.id, plain);
    return;
  }
  const [id, plain] = [...world][step.index % world.size] ?? [];
  if (id === undefined || !plain) return;
  switch (step.kind) {
    case 'range':
    case 'delete': {
      const stays = step.kind === 'range' ? step.range : null;
      const { force } = step;
      const ref = { by: 'id', intercomId: id } as const;
      const amended = await store.amendIntercom(
        TESTER,
        stays
          ? {
              ...{ kind: 'update', ref, title: undefined, externalId: undefined },
              ...{ flatFrom: stays.from, flatTo: stays.to, lines: ALL_AVAILABLE, force, reason: null },
            }
          : { kind: 'delete', ref, force, reason: null },
      );
      const used = force ? 0 : inUse(plain, stays);
      if (used > 0) {
        expect(amended).toMatchObject({ kind: 'refused', refusal: { kind: 'flatsInUse', count: used } });
        return;
      }
      const before = plain.flats.size;
      for (const flat of plain.flats.keys())
        if (!stays || flat < stays.from || flat > stays.to) plain.flats.delete(flat);
      const flatsRemoved = before - plain.flats.size;
      if (stays) fill(plain, newNumbers(stays, plain.range));
      else world.delete(id);
      const flatsAdded = plain.flats.size - before + flatsRemoved;
      if (stays) plain.range = stays;
      expect(amended).toMatchObject({ kind: 'done', flatsAdded, flatsRemoved });
      return;
    }
    case 'place':
      await store.importRows(TESTER, [{ intercomId: id, flat: step.flat, lines: {} }]);
      fill(plain, [{ from: step.flat, to: step.flat }]);
      plain.range = { from: Math.min(plain.range.from, step.flat), to: Math.max(plain.range.to, step.flat) };
      return;
    case 'link': {
      const { attach, link, names } = step;
      const linked = await store.changeLinks(TESTER, {
        ...{ ref: { by: 'number', intercomId: id, flat: step.flat }, link, attach, names, reason: null },
      });
      const had = plain.flats.get(step.flat)?.[link];
      const count = names.filter((name) => had?.has(name) !== attach).length;
      for (const name of names) attach ? had?.add(name) : had?.delete(name);
      expect(linked).toMatchObject(had ? { kind: 'done', count } : { kind: 'noFlat' });
    }
  }
}

/** Whatever is done to intercoms in whatever order, the store has what a plain mind has. */
export function describeRandomProvision(name: string, open: () => Promise<StoreWorld>, numRuns = 20): void {
  it(`${name}: has what was made, widened, narrowed, linked and deleted in any order`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (walk) => {
        await using opened = await open();
        const { store } = opened;
        const world = new Map<number, Plain>();
        await take(store, world, { kind: 'add', range: { from: 3, to: 9 } });
        for (const step of walk) await take(store, world, step);

        const { rows } = await store.listFlats(
          { lines: {} },
          { by: 'INTERCOM', descending: false },
          { limit: 500, fromEnd: false },
        );
        const ids = rows.map((it) => it.id);
        const [keys, users] = [await store.keysOf(ids), await store.usersOf(ids)];
        const stored = rows.map((it) => [it.intercomId, it.flat, keys.get(it.id) ?? [], users.get(it.id) ?? []]);
        const expected = [...world].flatMap(([id, { flats }]) =>
          [...flats]
            .sort(([a], [b]) => a - b)
            .map(([flat, it]) => [id, flat, [...it.keys].sort(), [...it.users].sort()]),
        );
        expect(stored).toEqual(expected);
        const intercoms = await store.intercomsById([...world.keys()]);
        expect([...intercoms.values()].map((it) => it.range)).toEqual([...world.values()].map((it) => it.range));
        expect(await store.countIntercoms({})).toEqual({ count: world.size, isExact: true });
        expect((await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).flats).toBe(expected.length);
      }),
      { numRuns, endOnFailure: true },
    );
  });
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasLines,
  isSilent,
  LINES,
  type Lines,
  type LinesPatch,
  patchLines,
  sameLines,
} from '../../src/domain/lines.ts';
import { isInvalid } from '../../src/domain/refusal.ts';
import type { UpdateWhereInput } from '../../src/domain/update-flats-where.ts';
import type { Job, JobCounts } from '../../src/operations/job.ts';
import { undoChanges } from '../../src/operations/undo-changes.ts';
import { updateFlatsWhere } from '../../src/operations/update-flats-where.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreWorld } from './contract.ts';

const ON: Lines = { smartphoneSip: true, landlineSip: true, analog: true };
const FLATS = 8;
const none = undefined;
const ANY = { smartphoneSip: none, landlineSip: none, analog: none };
const EVERY = {
  ...{ flatIds: none, intercomId: none, flat: none, flatFrom: none, flatTo: none, lines: ANY, changedSince: none },
  ...{ keyCode: none, userLogin: none, userLoginPrefix: none, intercomTitle: none },
};

const lines = fc.record(
  { smartphoneSip: fc.boolean(), landlineSip: fc.boolean(), analog: fc.boolean() },
  { requiredKeys: [] },
);
const flatId = fc.integer({ min: 1, max: FLATS });
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('bulk' as const),
      updates: fc.array(fc.tuple(flatId, lines), { minLength: 1, maxLength: 5 }),
      atomic: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('where' as const), wanted: lines, patch: lines, except: flatId }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keys' as const), flatId, name: fc.constantFrom('A', 'B') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo' as const), which: fc.nat(30), dryRun: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shrink' as const), to: fc.integer({ min: 3, max: FLATS }) }) },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

interface ModelChange {
  readonly set: number;
  readonly flatId: number;
  readonly before: Lines;
}

/** What the store should hold, as plain values; a set is numbered by its turn among all. */
interface Model {
  readonly flats: Map<number, Lines>;
  readonly changes: ModelChange[];
  sets: number;
}

function change(model: Model, set: number, flatId: number, lines: Lines): boolean {
  const before = model.flats.get(flatId) as Lines;
  if (sameLines(before, lines)) return false;
  model.changes.push({ set, flatId, before });
  model.flats.set(flatId, lines);
  return true;
}

/** The undo as it is described, by looking at everything. */
function undo(model: Model, set: number, dryRun: boolean) {
  const counts = { matched: 0, changed: 0, leftSilent: 0, changedSince: 0, gone: 0 };
  const own = model.changes.filter((it) => it.set === set);
  const toSet: [number, Lines][] = [];
  for (const flatId of new Set(own.map((it) => it.flatId))) {
    counts.matched++;
    const first = own.find((it) => it.flatId === flatId) as ModelChange;
    const since = model.changes.slice(model.changes.indexOf(first)).filter((it) => it.flatId === flatId);
    const now = model.flats.get(flatId);
    if (!now) counts.gone++;
    else if (since.some((it) => it.set !== set)) counts.changedSince++;
    else if (!sameLines(now, first.before)) {
      counts.changed++;
      if (isSilent(first.before)) counts.leftSilent++;
      toSet.push([flatId, first.before]);
    }
  }
  if (!dryRun && toSet.length > 0) {
    const undone = model.sets++;
    for (const [flatId, lines] of toSet) change(model, undone, flatId, lines);
  }
  return counts;
}

const job = <Counts extends JobCounts>(store: Store): Job<Counts> => ({
  ...{ store, now: () => 0, stopped: async () => undefined, report: () => {} },
});

const idsOf = async (store: Store): Promise<readonly number[]> =>
  (await store.listChangeSets({}, { limit: 500, fromEnd: false })).rows.map((it) => it.seq);

async function run(store: Store, model: Model, act: Act, index: number): Promise<void> {
  const origin = { actor: `actor ${index % 3}`, channel: 'GRAPHQL' } as const;
  if (act.kind === 'bulk') {
    const updates = act.updates.map(([flatId, patch]) => ({
      ...{ ref: { by: 'id', flatId } as const, patch, acceptedVersions: undefined, reason: null },
    }));
    await store.amend(origin, updates, { atomic: act.atomic });
    const isRefused = act.atomic && act.updates.some(([id]) => !model.flats.has(id));
    const changed = act.updates.map(([id, patch]) => {
      const now = model.flats.get(id);
      return !isRefused && now !== undefined && change(model, model.sets, id, patchLines(now, patch));
    });
    if (changed.includes(true)) model.sets++;
  } else if (act.kind === 'where') {
    if (LINES.every((line) => act.patch[line] === undefined)) return;
    const withAll = (patch: LinesPatch) => ({ ...ANY, ...patch });
    const input: UpdateWhereInput = {
      ...{ filter: { ...EVERY, lines: withAll(act.wanted) }, all: true, lines: withAll(act.patch) },
      ...{ atMost: none, exceptFlatIds: [act.except] },
    };
    const counts = { matched: 0, changed: 0, leftSilent: 0 };
    const toChange: [number, Lines][] = [];
    for (const [id, now] of model.flats) {
      if (id === act.except || !hasLines(now, act.wanted)) continue;
      const lines = patchLines(now, act.patch);
      counts.matched++;
      if (sameLines(now, lines)) continue;
      counts.changed++;
      if (isSilent(lines)) counts.leftSilent++;
      toChange.push([id, lines]);
    }
    for (const dryRun of [true, false]) {
      const result = await updateFlatsWhere(job(store), origin, input, { dryRun });
      expect(result).toMatchObject({ ...counts, state: 'DONE' });
    }
    for (const [id, lines] of toChange) change(model, model.sets, id, lines);
    if (toChange.length > 0) model.sets++;
  } else if (act.kind === 'keys') {
    const ref = { by: 'id', flatId: act.flatId } as const;
    const linked = await store.changeLinks(origin, {
      ref,
      link: 'keys',
      attach: true,
      names: [act.name],
      reason: null,
    });
    if (linked.kind === 'done' && linked.count > 0) model.sets++;
  } else if (act.kind === 'shrink') {
    const ids = [...model.flats.keys()].filter((id) => id > act.to);
    const had = model.flats.size;
    for (const id of ids) model.flats.delete(id);
    const range = { flatFrom: 1, flatTo: Math.min(act.to, had), title: none, externalId: none };
    await store.amendIntercom(origin, {
      ...{ kind: 'update', ref: { by: 'id', intercomId: 1 }, ...range, lines: ON, force: true, reason: null },
    });
    if (ids.length > 0) model.sets++;
  } else {
    const ids = await idsOf(store);
    const which = act.which % ids.length;
    const changeSet = ids[which] as number;
    const rows = (await store.listChanges({ changeSet, kinds: ['LINES_SET'] }, { limit: 500, fromEnd: false })).rows;
    const result = await undoChanges(job(store), origin, { changeSet }, { dryRun: act.dryRun });
    const size = (await store.changeSetSizes([changeSet])).get(changeSet)?.changes as number;
    expect(result).toMatchObject({ ...undo(model, which, act.dryRun), notUndoable: size - rows.length, state: 'DONE' });
  }
}

/** Random acts, undone in any order, against plain values. */
export function describeUndo(name: string, open: () => Promise<StoreWorld>, numRuns = 60): void {
  describe(`${name}: whatever is undone, in any order`, () => {
    it('is as it was before, unless others changed it since', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
          await using world = await open();
          const { store } = world;
          const range = { from: 1, to: FLATS };
          await store.addIntercom(
            { actor: 'admin', channel: 'GRAPHQL' },
            { title: 'A', externalId: null, range, lines: ON, reason: null },
          );
          const model: Model = { flats: new Map(), changes: [], sets: 1 };
          for (let id = 1; id <= FLATS; id++) model.flats.set(id, ON);
          for (const [index, act] of acts.entries()) {
            await run(store, model, act, index);
            expect((await idsOf(store)).length).toBe(model.sets);
          }
          const flats = await store.flatsById(Array.from({ length: FLATS }, (_, i) => i + 1));
          expect(new Map([...flats].map(([id, it]) => [id, it.lines]))).toEqual(model.flats);
          const sets = await idsOf(store);
          const rows = (await store.listChanges({}, { limit: 500, fromEnd: false })).rows;
          expect(
            rows.map(
              (it) =>
                'before' in it && {
                  set: sets.indexOf(it.changeSet),
                  flatId: 'flatId' in it && it.flatId,
                  before: it.before,
                },
            ),
          ).toEqual(model.changes);
        }),
        { numRuns, endOnFailure: true },
      );
    });
  });

  describe(`${name}: an undo`, () => {
    it('leaves a flat alone that another changes at this very moment', async () => {
      await using world = await open();
      const { store } = world;
      const range = { from: 1, to: 3 };
      await store.addIntercom(
        { actor: 'admin', channel: 'GRAPHQL' },
        { title: 'A', externalId: null, range, lines: ON, reason: null },
      );
      const update = (flatId: number, patch: LinesPatch) => ({
        ...{ ref: { by: 'id', flatId } as const, patch, acceptedVersions: undefined, reason: null },
      });
      const crm = { actor: 'crm', channel: 'GRAPHQL' } as const;
      await store.amend(
        crm,
        [1, 2, 3].map((id) => update(id, { analog: false })),
      );
      let asked = 0;
      const stopped = async () => {
        // After the flats were read, and before they are set back.
        if (++asked === 2) await store.amend(crm, [update(2, { landlineSip: false })]);
        return undefined;
      };
      const result = await undoChanges({ ...job(store), stopped }, crm, { changeSet: 2 }, { dryRun: false });
      expect(isInvalid(result)).toBe(false);
      expect(result).toMatchObject({ matched: 3, changed: 2, changedSince: 1, gone: 0, changedBy: [], state: 'DONE' });
      expect((await store.flatsById([2])).get(2)?.lines).toEqual({ ...ON, analog: false, landlineSip: false });
    });

    it('stops where changes are pruned, and of what is pruned it undoes nothing', async () => {
      await using world = await open();
      const { store } = world;
      const range = { from: 1, to: 1_200 };
      await store.addIntercom(
        { actor: 'admin', channel: 'GRAPHQL' },
        { title: 'A', externalId: null, range, lines: ON, reason: null },
      );
      const input: UpdateWhereInput = {
        ...{ filter: EVERY, all: true, lines: { ...ANY, analog: false }, atMost: none, exceptFlatIds: none },
      };
      const crm = { actor: 'crm', channel: 'GRAPHQL' } as const;
      expect(await updateFlatsWhere(job(store), crm, input, { dryRun: false })).toMatchObject({
        changed: 1_200,
        changeSet: 2,
      });
      let asked = 0;
      const stopped = async () => {
        if (++asked === 4) await store.prune(10, 99);
        return undefined;
      };
      const result = await undoChanges({ ...job(store), stopped }, crm, { changeSet: 2 }, { dryRun: false });
      expect(result).toMatchObject({ matched: 1_000, changed: 1_000, state: 'LOG_PRUNED' });
      expect(await undoChanges(job(store), crm, { changeSet: 2 }, { dryRun: false })).toEqual({
        ...{ kind: 'invalid', errors: [{ field: 'changeSet', code: 'PRUNED' }] },
      });
      expect(await undoChanges(job(store), crm, { changeSet: 999_999 }, { dryRun: true })).toEqual({
        ...{ kind: 'invalid', errors: [{ field: 'changeSet', code: 'NOT_FOUND' }] },
      });
    });
  });
}

import fc from 'fast-check';
import { CHANNELS } from '../../src/domain/change.ts';
import type { Row } from '../../src/domain/import-row.ts';
import { ALL_AVAILABLE, patchLines } from '../../src/domain/lines.ts';
import { undoChanges } from '../../src/operations/undo-changes.ts';
import { ChangesPrunedError, StorageError, type Store } from '../../src/store/store.ts';

export const ORIGIN = { actor: 'Ж', channel: 'GRAPHQL' } as const;
export const CODES = ['A', 'a', 'Ключ', '007'];
export const LOGINS = ['anna', 'Anna', 'борис', 'a\u{10ffff}'];
const TITLES = ['Ёлка', 'ёлка 2', 'Tower', "O'Neil; drop"];
export const EXTERNAL_IDS = ['x', 'y', 'Z'];

const lines = fc.record(
  { smartphoneSip: fc.boolean(), landlineSip: fc.boolean(), analog: fc.boolean() },
  { requiredKeys: [] },
);
const intercomId = fc.integer({ min: 1, max: 5 });
const flat = fc.integer({ min: 1, max: 8 });
const flatId = fc.integer({ min: 1, max: 30 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const range = fc.tuple(flat, flat).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
/** Leaves out what is undefined, as parsers do. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as T;

const row: fc.Arbitrary<Row> = fc
  .record({
    ...{
      intercomId,
      flat: fc.option(flat, { nil: undefined, freq: 8 }),
      flatId: fc.option(flatId, { nil: undefined, freq: 2 }),
    },
    ...{ lines, keys: maybe(fc.subarray(CODES)), users: maybe(fc.subarray(LOGINS)) },
    intercomTitle: maybe(fc.constantFrom(...TITLES)),
    intercomExternalId: fc.option(fc.constantFrom(...EXTERNAL_IDS), { nil: undefined, freq: 2 }),
    intercomRange: fc.option(range, { nil: undefined, freq: 2 }),
  })
  .map((it) => {
    const { flat, flatId, lines, keys, users, ...intercom } = it;
    return compact(flat === undefined ? intercom : { ...intercom, flat, flatId, lines, keys, users }) as Row;
  });

const ref = fc.oneof(
  fc.record({ by: fc.constant('number' as const), intercomId, flat }),
  fc.record({ by: fc.constant('id' as const), flatId }),
  fc.record({ by: fc.constant('id' as const), flatId, intercomId }),
);
const update = fc.record({
  ref,
  patch: lines,
  acceptedVersions: fc.option(fc.constantFrom<readonly number[]>([1], [2], [1, 2, 3], []), { nil: undefined, freq: 2 }),
  reason: fc.option(fc.constantFrom('because', "it's", '\\', 'ё'.repeat(500)), { freq: 2 }),
});
const intercomRef = fc.oneof(
  fc.record({ by: fc.constant('id' as const), intercomId }),
  fc.record({ by: fc.constant('externalId' as const), externalId: fc.constantFrom(...EXTERNAL_IDS) }),
);

export const step = fc.oneof(
  fc.record({
    ...{ does: fc.constant('import' as const), rows: fc.array(row, { minLength: 1, maxLength: 8 }) },
    goesOn: fc.boolean(),
  }),
  fc.record({
    does: fc.constant('amend' as const),
    origin: fc.record({ actor: fc.constantFrom('a', 'Ж'), channel: fc.constantFrom(...CHANNELS) }),
    ...{ updates: fc.array(update, { minLength: 1, maxLength: 6 }), atomic: fc.boolean(), goesOn: fc.boolean() },
  }),
  fc.record({ does: fc.constant('undo' as const), back: fc.nat(2), amends: fc.boolean(), dryRun: fc.boolean() }),
  fc.record({
    does: fc.constant('add' as const),
    draft: fc.record({
      title: fc.constantFrom(...TITLES),
      externalId: fc.option(fc.constantFrom(...EXTERNAL_IDS)),
      range,
      lines: lines.map((it) => patchLines(ALL_AVAILABLE, it)),
    }),
  }),
  fc.record({
    does: fc.constant('change' as const),
    amendment: fc.oneof(
      fc.record({ kind: fc.constant('delete' as const), ref: intercomRef, force: fc.boolean() }),
      fc.record({
        ...{ kind: fc.constant('update' as const), ref: intercomRef, title: maybe(fc.constantFrom(...TITLES)) },
        externalId: fc.option(fc.option(fc.constantFrom(...EXTERNAL_IDS)), { nil: undefined }),
        ...{ flatFrom: maybe(flat), flatTo: maybe(flat), force: fc.boolean() },
        lines: lines.map((it) => patchLines(ALL_AVAILABLE, it)),
      }),
    ),
  }),
  fc.record({
    does: fc.constant('link' as const),
    change: fc.oneof(
      fc.record({ ref, link: fc.constant('keys' as const), attach: fc.boolean(), names: fc.subarray(CODES) }),
      fc.record({ ref, link: fc.constant('users' as const), attach: fc.boolean(), names: fc.subarray(LOGINS) }),
    ),
  }),
  fc.record({ does: fc.constant('prune' as const), upTo: fc.nat(20), limit: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    ...{ does: fc.constant('token' as const), name: fc.constantFrom('a', 'b') },
    what: fc.constantFrom('add', 'add', 'use', 'revoke'),
    expiresAt: fc.option(fc.integer({ min: 1_000, max: 1_040 }), { freq: 2 }),
  }),
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a call gives, or why it fails. Any other failure is one of the test. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<T | string> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StorageError) return error.problem;
    if (error instanceof ChangesPrunedError) return error.name;
    throw error;
  }
}

/** Takes a step; `sets` are the change sets so far. */
export async function take(store: Store, it: Step, at: number, now: number, sets: readonly number[]): Promise<unknown> {
  const last = sets.at(-1);
  switch (it.does) {
    case 'import':
      return store.importRows(ORIGIN, it.rows, it.goesOn ? last : undefined);
    case 'amend':
      return store.amend(it.origin, it.updates, { atomic: it.atomic, changeSet: it.goesOn ? last : undefined });
    case 'undo': {
      const job = { store, now: () => now, stopped: async () => undefined, report: () => {} };
      const amended = it.amends ? await store.amend(ORIGIN, firstFlats(at % 2 === 0)) : [];
      const [own] = amended.flatMap((outcome) => (outcome.kind === 'written' ? outcome.change.changeSet : []));
      const changeSet = own ?? sets.at(-1 - it.back) ?? 1;
      return [amended, await undoChanges(job, ORIGIN, { changeSet, reason: 'wrong' }, { dryRun: it.dryRun })];
    }
    case 'add':
      return store.addIntercom(ORIGIN, { ...it.draft, reason: 'new' });
    case 'change':
      return store.amendIntercom(ORIGIN, { ...it.amendment, reason: null });
    case 'link':
      return store.changeLinks(ORIGIN, { ...it.change, reason: "it's" });
    case 'prune':
      return store.prune(it.upTo, it.limit);
    case 'token':
      if (it.what === 'revoke') return store.revokeToken(it.name);
      if (it.what === 'add') return store.addToken(it.name, 'read', hashOf(at), it.expiresAt);
      for (const { id, name } of await store.listTokens()) if (name === it.name) await store.recordTokenUse(id);
      return 'used';
  }
}

const firstFlats = (analog: boolean) => [1, 2, 3, 4].map((flatId) => setAnalog(flatId, analog));

const setAnalog = (flatId: number, analog: boolean, acceptedVersions?: readonly number[]) => ({
  ...{ ref: { by: 'id' as const, flatId }, patch: { analog }, acceptedVersions, reason: null },
});

export const hashOf = (at: number) => Buffer.alloc(32, at + 1);

/** How a step ended, for each of its parts. */
export function* kindsOf(does: string, outcome: unknown): Generator<string> {
  if (typeof outcome !== 'object' || outcome === null) yield `${does} ${outcome}`;
  else if (Array.isArray(outcome)) for (const it of outcome) yield* kindsOf(does, it);
  else if ('outcomes' in outcome) yield* kindsOf(does, outcome.outcomes);
  else if ('state' in outcome)
    yield `${does} ${outcome.state}${'changed' in outcome && outcome.changed ? ' changed' : ''}`;
  else if ('error' in outcome) yield `${does} ${(outcome.error as { reason: string }).reason}`;
  else if ('refusal' in outcome) yield `${does} ${(outcome.refusal as { kind: string }).kind}`;
  else if ('kind' in outcome) yield `${does} ${outcome.kind}`;
}

const metBy = (does: string, ...kinds: readonly string[]) => kinds.map((it) => `${does} ${it}`);
/** What the walk meets. */
export const MET = [
  ...metBy('import', 'created', 'existing', 'intercom'),
  ...metBy('import', 'externalIdTaken', 'flatIdTaken', 'otherFlatId', 'flatsOutside'),
  ...metBy('amend', 'written', 'kept', 'invalid', 'versionConflict', 'notApplied'),
  ...[...metBy('change', 'done', 'invalid', 'flatsInUse'), ...metBy('add', 'done', 'invalid')],
  ...metBy('link', 'done', 'noFlat', 'noIntercom', 'otherIntercom'),
  ...metBy('undo', 'written', 'kept', 'invalid', 'DONE', 'DONE changed'),
  ...[...metBy('token', 'true', 'used', 'false'), ...metBy('prune', '0', '1')],
];

const withoutAnalog = (flatId: number, acceptedVersions?: readonly number[]) =>
  setAnalog(flatId, false, acceptedVersions);
const amend = (updates: ReturnType<typeof withoutAnalog>[], atomic = false): Step => ({
  ...{ does: 'amend', origin: ORIGIN, updates, atomic, goesOn: false },
});
const undo = (back: number, amends = false): Step => ({ does: 'undo', back, amends, dryRun: false });
const add = (externalId: string | null): Step => ({
  does: 'add',
  draft: { title: 'Tower', externalId, range: { from: 1, to: 2 }, lines: ALL_AVAILABLE },
});
const narrow = (intercomId: number): Step => ({
  does: 'change',
  amendment: {
    ...{ kind: 'update', ref: { by: 'id', intercomId }, title: undefined, externalId: undefined, lines: ALL_AVAILABLE },
    ...{ flatFrom: 5, flatTo: 6, force: intercomId === 3 },
  },
});
const attach = (intercomId: number, flat: number, flatId?: number): Step => {
  const ref =
    flatId === undefined ? { by: 'number' as const, intercomId, flat } : { by: 'id' as const, flatId, intercomId };
  return { does: 'link', change: { ref, link: 'keys', attach: true, names: ['A'] } };
};
const token = (what: 'add' | 'use' | 'revoke'): Step => ({ does: 'token', name: 'a', what, expiresAt: null });

/**
 * Meets each kind of outcome, where random steps need luck for some. It goes from three buildings of four flats each, with
 * the numbers 3 to 6, whose second flats are in use.
 */
export const WALK: Step[] = [
  amend([withoutAnalog(1), withoutAnalog(1), withoutAnalog(99)]),
  amend([withoutAnalog(2, [7])]),
  amend([withoutAnalog(2), withoutAnalog(99)], true),
  {
    does: 'import',
    goesOn: true,
    rows: [
      { intercomId: 1, flat: 3, lines: {} },
      { intercomId: 1, flat: 4, flatId: 30, lines: {} },
      { intercomId: 1, flat: 7, flatId: 20, lines: {} },
      { intercomId: 2, flat: 7, flatId: 20, lines: {} },
      { intercomId: 2, intercomExternalId: 'x' },
      { intercomId: 3, intercomExternalId: 'x' },
      { intercomId: 3, intercomRange: { from: 4, to: 8 } },
    ],
  },
  ...[undo(99), undo(0), undo(0, true), undo(0, true)],
  ...[add(null), add('x'), narrow(1), narrow(3), narrow(9)],
  ...[attach(1, 3), attach(1, 8), attach(9, 1), attach(2, 1, 1)],
  ...[token('add'), token('add'), token('use'), token('revoke'), token('revoke')],
  ...[0, 1, 40].map((upTo): Step => ({ does: 'prune', upTo, limit: 1 })),
  undo(99),
];

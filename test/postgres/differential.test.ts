import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANGE_KINDS, CHANNELS } from '../../src/domain/change.ts';
import { FLAT_ORDERS } from '../../src/domain/flat-filter.ts';
import type { Row } from '../../src/domain/import-row.ts';
import { INTERCOM_ORDERS } from '../../src/domain/intercom.ts';
import { ALL_AVAILABLE, patchLines } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { undoChanges } from '../../src/operations/undo-changes.ts';
import { openStore } from '../../src/store/open.ts';
import { ChangesPrunedError, StorageError, type Store } from '../../src/store/store.ts';
import { POSTGRES_BIN } from '../support/postgres.ts';
import { postgresWorlds } from '../support/postgres-world.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ORIGIN = { actor: 'Ж', channel: 'GRAPHQL' } as const;
const CODES = ['A', 'a', 'Ключ', '007'];
const LOGINS = ['anna', 'Anna', 'борис', 'a\u{10ffff}'];
const TITLES = ['Ёлка', 'ёлка 2', 'Tower', "O'Neil; drop"];
const EXTERNAL_IDS = ['x', 'y', 'Z'];

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
  acceptedVersions: fc.option(fc.constantFrom([1], [2], [1, 2, 3], []), { nil: undefined, freq: 2 }),
  reason: fc.option(fc.constantFrom('because', "it's", '\\', 'ё'.repeat(500)), { freq: 2 }),
});
const intercomRef = fc.oneof(
  fc.record({ by: fc.constant('id' as const), intercomId }),
  fc.record({ by: fc.constant('externalId' as const), externalId: fc.constantFrom(...EXTERNAL_IDS) }),
);

const step = fc.oneof(
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
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a call gives, or why it fails. Any other failure is one of the test. */
async function outcomeOf<T>(call: () => Promise<T>): Promise<T | string> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StorageError) return error.problem;
    if (error instanceof ChangesPrunedError) return error.name;
    throw error;
  }
}

/** Takes a step; `sets` are the change sets so far. */
async function take(store: Store, it: Step, at: number, now: number, sets: readonly number[]): Promise<unknown> {
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

const firstFlats = (analog: boolean): readonly Update[] =>
  [1, 2, 3, 4].map((flatId) => ({
    ...{ ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason: null },
  }));

const hashOf = (at: number) => Buffer.alloc(32, at + 1);

/** What the steps have met, so that a test that meets little does not pass for one that compares much. */
function* kindsOf(does: string, outcome: unknown): Generator<string> {
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
/** What every run meets many times. */
const MET = [
  ...metBy('import', 'created', 'existing', 'intercom', 'externalIdTaken', 'flatIdTaken', 'flatsOutside'),
  ...metBy('amend', 'written', 'kept', 'invalid', 'versionConflict', 'notApplied'),
  ...[...metBy('change', 'done', 'invalid'), ...metBy('add', 'done', 'invalid'), ...metBy('link', 'done', 'noFlat')],
  ...[...metBy('undo', 'DONE', 'DONE changed'), ...metBy('token', 'true', 'false'), 'prune 0', 'prune 1'],
];

/** What steps can be about; flats come and go after that. */
const BUILDINGS: readonly Row[] = [1, 2, 3].flatMap((intercomId) =>
  [3, 4, 5, 6].map((flat) => ({ intercomId, flat, lines: {}, ...(flat === 4 && { keys: ['A'], users: ['anna'] }) })),
);

const ALL = { limit: 1_000, fromEnd: false } as const;
const IDS = Array.from({ length: 60 }, (_, i) => i + 1);
const KINDS = { kinds: CHANGE_KINDS };

/** Every read of the contract, and whatever there is to read. */
async function everything(store: Store): Promise<unknown> {
  const head = await store.changesHead();
  const seqs = Array.from({ length: head + 1 }, (_, i) => i);
  const { rows: sets } = await store.listChangeSets({}, ALL);
  const begun = sets.map((it) => it.changeSet);
  const all: unknown[] = [];
  for (const by of FLAT_ORDERS) {
    for (const descending of [false, true]) all.push(await store.listFlats({ lines: {} }, { by, descending }, ALL));
  }
  for (const by of INTERCOM_ORDERS) all.push(await store.listIntercoms({}, { by, descending: true }, ALL));
  for (const changeSet of [0, 1, 2, ...begun]) {
    all.push(await outcomeOf(() => store.scanChangeSet(changeSet, 0, 3)));
    all.push(await outcomeOf(() => store.listChanges({ ...KINDS, changeSet }, { ...ALL, after: changeSet - 1 })));
    all.push(await outcomeOf(() => store.countFlatsOfSet(changeSet)));
  }
  for (const flatId of IDS.slice(0, 30)) all.push(await store.findFlat({ by: 'id', flatId }));
  for (const intercomId of [1, 2, 3, 4, 5, 6]) {
    all.push(await store.findIntercom({ by: 'id', intercomId }), await store.lineStatistics(intercomId, 0, 2_000));
    for (const flat of [1, 4, 8]) all.push(await store.findFlat({ by: 'number', intercomId, flat }));
  }
  for (const externalId of EXTERNAL_IDS) all.push(await store.findIntercom({ by: 'externalId', externalId }));
  for (const at of IDS.slice(0, 40)) all.push(await store.findToken(hashOf(at)));
  const { pruned, ...log } = await outcomesOf({
    pruned: () => store.listChanges(KINDS, { ...ALL, after: 0 }),
    some: () => store.listChanges({ ...KINDS, from: 1_004, to: 1_020 }, { ...ALL, limit: 7 }),
    newest: () =>
      store.listChanges(
        { kinds: ['LINES_SET', 'KEYS_ATTACHED', 'INTERCOM_CHANGED'], actor: 'Ж' },
        { limit: 5, fromEnd: true },
      ),
    before: () => store.listChanges(KINDS, { limit: 5, fromEnd: true, before: head - 2 }),
    ofLines: () => store.listChanges({ from: 1_003, to: 1_009, actor: 'a' }, ALL),
    ofFlat: () => store.listChanges({ ...KINDS, flatId: 3, flatIn: { intercomId: 1, flat: 3 } }, ALL),
    ofIntercom: () => store.listChanges({ ...KINDS, intercomId: 2 }, ALL),
    bySeq: () => store.changesBySeq(seqs),
    versions: () => store.changeVersions(seqs),
    counts: () => Promise.all([store.countChanges(KINDS, undefined, 9), store.countChanges({})]),
    ofChannel: () => store.countChanges({ kinds: ['FLAT_CREATED'], channel: 'GRAPHQL' }),
    setsOf: () => store.listChangeSets({ actor: 'Ж', from: 1_003 }, { limit: 4, fromEnd: true }),
    setCounts: () => Promise.all([store.countChangeSets({}), store.countChangeSets({ channel: 'REST' })]),
    setSizes: () => store.changeSetSizes(seqs),
  });
  return {
    ...{ all, sets, begun, pruned, log, head },
    keys: await store.keysOf(IDS),
    users: await store.usersOf(IDS),
    flatCounts: await store.flatCounts(IDS),
    flats: await store.flatsById(IDS),
    intercoms: await store.intercomsById(IDS),
    linked: [await store.linkedNames('keys', [...CODES, 'none']), await store.linkedNames('users', LOGINS)],
    names: [await store.namesFrom('keys', '', 3), await store.namesFrom('users', 'a', 9)],
    lastFlatId: await store.lastFlatId(),
    statistics: [await store.lineStatistics(undefined, 1_002, 1_008), await store.lineStatisticsOf(IDS, 1_002, 1_008)],
    silent: await store.silentIntercoms(4),
    counted: [
      await store.countFlats({ lines: { analog: false } }),
      await store.countFlats({ lines: {}, userLoginPrefix: 'a' }),
      await store.countIntercoms({}),
    ],
    scanned: await store.scanFlats({ lines: { analog: false } }, 2, 9),
    tokens: [await store.listTokens(), await store.hasToken(), await store.liveTokenIds()],
    exported: await Array.fromAsync(store.exportRows()).then((it) => it.flat()),
  };
}

async function outcomesOf<Calls extends Record<string, () => Promise<unknown>>>(calls: Calls) {
  const all: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) all[name] = await outcomeOf(call);
  return all;
}

it.skipIf(POSTGRES_BIN === undefined)(
  'PostgreSQL gives and keeps what SQLite does, whatever is done',
  { timeout: 120_000 },
  async () => {
    const open = postgresWorlds();
    const met = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 50 }), async (steps) => {
        await using folder = await tempFolder();
        await using postgres = await open();
        await using sqlite = openStore({ file: folder.file('x.db') }, { now: () => postgres.now });
        const sets: number[] = [];
        for (const store of [postgres.store, sqlite]) await store.importRows(ORIGIN, BUILDINGS);
        for (const [index, it] of steps.entries()) {
          // Now and then the clock goes back.
          postgres.now = 1_000 + (index % 7 === 6 ? index - 4 : index);
          const of = (store: Store) => outcomeOf(() => take(store, it, index, postgres.now, sets));
          const both = [await of(postgres.store), await of(sqlite)];
          expect({ it, got: both[0] }).toEqual({ it, got: both[1] });
          for (const kind of kindsOf(it.does, both[0])) met.add(kind);
          const newest = await sqlite.listChangeSets({}, { limit: 1, fromEnd: true });
          const changeSet = newest.rows[0]?.changeSet;
          if (changeSet !== undefined && changeSet !== sets.at(-1)) sets.push(changeSet);
        }
        expect(await everything(postgres.store)).toEqual(await everything(sqlite));
      }),
      { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 6), endOnFailure: true },
    );
    expect([...met]).toEqual(expect.arrayContaining(MET));
  },
);

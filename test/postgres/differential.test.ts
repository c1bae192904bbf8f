import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANGE_KINDS, CHANNELS } from '../../src/domain/change.ts';
import { FLAT_ORDERS } from '../../src/domain/flat-filter.ts';
import type { Row } from '../../src/domain/import-row.ts';
import { ALL_AVAILABLE, patchLines } from '../../src/domain/lines.ts';
import { openStore } from '../../src/store/open.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
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
  fc.record({ does: fc.constant('import' as const), rows: fc.array(row, { minLength: 1, maxLength: 8 }) }),
  fc.record({
    does: fc.constant('amend' as const),
    origin: fc.record({ actor: fc.constantFrom('a', 'Ж'), channel: fc.constantFrom(...CHANNELS) }),
    ...{ updates: fc.array(update, { minLength: 1, maxLength: 6 }), atomic: fc.boolean() },
  }),
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
  fc.record({ does: fc.constant('token' as const), name: fc.constantFrom('a', 'b'), revoke: fc.boolean() }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a step gives; faults of a store are alike when they have the same problem. */
async function take(store: Store, it: Step, at: number): Promise<unknown> {
  try {
    switch (it.does) {
      case 'import':
        return await store.importRows(ORIGIN, it.rows);
      case 'amend':
        return await store.amend(it.origin, it.updates, { atomic: it.atomic });
      case 'add':
        return await store.addIntercom(ORIGIN, { ...it.draft, reason: 'new' });
      case 'change':
        return await store.amendIntercom(ORIGIN, { ...it.amendment, reason: null });
      case 'link':
        return await store.changeLinks(ORIGIN, { ...it.change, reason: "it's" });
      case 'prune':
        return await store.prune(it.upTo, it.limit);
      case 'token':
        return it.revoke
          ? await store.revokeToken(it.name)
          : await store.addToken(it.name, 'read', Buffer.alloc(32, at % 250), null);
    }
  } catch (error) {
    return error instanceof StorageError ? error.problem : 'fault';
  }
}

const ALL = { limit: 1_000, fromEnd: false } as const;

/** Everything that can be read. */
async function everything(store: Store): Promise<unknown> {
  const all: unknown[] = [];
  for (const by of FLAT_ORDERS) all.push(await store.listFlats({ lines: {} }, { by, descending: false }, ALL));
  const ids = Array.from({ length: 60 }, (_, i) => i + 1);
  all.push(
    await store.listIntercoms({}, { by: 'TITLE', descending: true }, ALL),
    await store.listChanges({}, ALL),
    await store.listChanges({ kinds: CHANGE_KINDS }, ALL),
    await store.listChanges({ kinds: CHANGE_KINDS, from: 1_004, to: 1_020 }, { ...ALL, limit: 7 }),
    await store.listChanges(
      { kinds: ['LINES_SET', 'KEYS_ATTACHED', 'INTERCOM_CHANGED'], actor: 'Ж' },
      { limit: 5, fromEnd: true },
    ),
    await store.listChanges({ kinds: CHANGE_KINDS, flatId: 3, flatIn: { intercomId: 1, flat: 3 } }, ALL),
    await store.listChanges({ kinds: CHANGE_KINDS, intercomId: 2 }, ALL),
    await store.countChanges({ kinds: CHANGE_KINDS }, undefined, 9),
    await store.countChanges({ kinds: ['FLAT_CREATED'], channel: 'GRAPHQL' }),
    await store.changesBySeq(Array.from({ length: 40 }, (_, i) => i + 1)),
    await store.listChanges({ from: 1_003, to: 1_009, actor: 'a' }, ALL),
    await store.changesHead(),
    await store.countChanges({}),
    await store.keysOf(ids),
    await store.usersOf(ids),
    await store.flatCounts(ids),
    await store.lineStatistics(undefined, 1_002, 1_008),
    await store.lineStatistics(1, 0, 2_000),
    await store.countFlats({ lines: { analog: false } }),
    await store.countFlats({ lines: {}, userLoginPrefix: 'a' }),
    await store.listTokens(),
  );
  for await (const rows of store.exportRows()) all.push(...rows);
  return all;
}

it.skipIf(POSTGRES_BIN === undefined)(
  'PostgreSQL gives and keeps what SQLite does, whatever is done',
  { timeout: 120_000 },
  async () => {
    const open = postgresWorlds();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 40 }), async (steps) => {
        await using folder = await tempFolder();
        await using postgres = await open();
        await using sqlite = openStore({ file: folder.file('x.db') }, { now: () => postgres.now });
        for (const [index, it] of steps.entries()) {
          // Now and then the clock goes back.
          postgres.now = 1_000 + (index % 7 === 6 ? index - 4 : index);
          const both = [await take(postgres.store, it, index), await take(sqlite, it, index)];
          expect({ it, got: both[0] }).toEqual({ it, got: both[1] });
        }
        expect(await everything(postgres.store)).toEqual(await everything(sqlite));
      }),
      { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 6), endOnFailure: true },
    );
  },
);

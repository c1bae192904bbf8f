import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANGE_KINDS } from '../../src/domain/change.ts';
import { FLAT_ORDERS } from '../../src/domain/flat-filter.ts';
import type { Row } from '../../src/domain/import-row.ts';
import { INTERCOM_ORDERS } from '../../src/domain/intercom.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { POSTGRES_BIN } from '../support/postgres.ts';
import { postgresWorlds } from '../support/postgres-world.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { CODES, EXTERNAL_IDS, hashOf, kindsOf, LOGINS, MET, ORIGIN, outcomeOf, step, take, WALK } from './steps.ts';

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

it.skipIf(POSTGRES_BIN === undefined)('PostgreSQL gives and keeps what SQLite does, whatever is done', async () => {
  const open = postgresWorlds();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 50 }), async (steps) => {
      await using folder = await tempFolder();
      await using postgres = await open();
      await using sqlite = openStore({ file: folder.file('x.db') }, { now: () => postgres.now });
      const sets: number[] = [];
      for (const store of [postgres.store, sqlite]) await store.importRows(ORIGIN, BUILDINGS);
      const met = new Set<string>();
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
      if (steps === WALK) expect([...met]).toEqual(expect.arrayContaining(MET));
    }),
    { numRuns: 1 + Number(process.env['DIFFERENTIAL_RUNS'] ?? 6), endOnFailure: true, examples: [[WALK]] },
  );
});

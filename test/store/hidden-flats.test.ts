import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CHANGE_KINDS } from '../../src/domain/change.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { IntercomAmendment } from '../../src/domain/update-intercom.ts';
import { openStore } from '../../src/store/open.ts';
import type { StorageError, Store } from '../../src/store/store.ts';
import { disagreements } from '../fuzz/agreement.ts';
import { type Random, randomOf } from '../fuzz/random.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const SIZE = 1_500;
const draft = (externalId: string | null = null) => ({
  ...{ title: 'Tower', externalId, range: { from: 1, to: SIZE }, lines: ALL_AVAILABLE, reason: null },
});
const ref = { by: 'id', intercomId: 1 } as const;
const resize = (flatTo: number): IntercomAmendment => ({
  ...{ kind: 'update', ref, title: undefined, externalId: undefined, lines: ALL_AVAILABLE },
  ...{ flatFrom: 1, flatTo, force: true, reason: null },
});
const remove: IntercomAmendment = { kind: 'delete', ref, force: true, reason: null };

const swept = (file: string) => until(() => (rows(file, 'select * from hidden_flats') as unknown[]).length === 0);
const everything = { lines: {} };
const page = { limit: SIZE * 2, fromEnd: false } as const;

/** Each kind of read, as the number of flats that it finds. */
const KINDS: Readonly<Record<string, (store: Store) => Promise<number>>> = {
  statistics: async (store) => (await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).flats,
  'statistics of the intercom': async (store) => (await store.lineStatistics(1, 0, Number.MAX_SAFE_INTEGER)).flats,
  'a count': async (store) => (await store.countFlats(everything)).count,
  'a count by number': async (store) => (await store.countFlats({ ...everything, flatFrom: 1 })).count,
  'a count by intercom': async (store) => (await store.countFlats({ ...everything, intercomId: 1 })).count,
  'a count by title': async (store) => (await store.countFlats({ ...everything, intercomTitle: 'tow' })).count,
  'a count by lines and time': async (store) =>
    (await store.countFlats({ lines: { analog: true }, changedSince: 0 })).count,
  'the change log': async (store) =>
    (await store.listChanges({ kinds: CHANGE_KINDS }, page)).rows.reduce(
      (sum, it) => ('flatsAdded' in it ? sum + it.flatsAdded - it.flatsRemoved : sum),
      0,
    ),
  'a list': async (store) =>
    (await store.listFlats(everything, { by: 'INTERCOM', descending: false }, page)).rows.length,
  'a list by update': async (store) =>
    (await store.listFlats(everything, { by: 'UPDATED', descending: true }, page)).rows.length,
  'a list by title': async (store) =>
    (await store.listFlats({ ...everything, intercomTitle: 'tow' }, { by: 'UPDATED', descending: false }, page)).rows
      .length,
  'a list by number': async (store) =>
    (await store.listFlats({ ...everything, flatTo: SIZE * 2 }, { by: 'UPDATED', descending: false }, page)).rows
      .length,
  'a scan': async (store) => (await store.scanFlats(everything, 0, SIZE * 2)).flats.length,
  'flats of the intercom': async (store) => (await store.flatCounts([1])).get(1) ?? 0,
  'an export': async (store) => {
    let count = 0;
    for await (const batch of store.exportRows()) count += batch.filter((it) => it.flat !== undefined).length;
    return count;
  },
};

it('shows all flats of an intercom or none while they are made, added, removed and deleted', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using writer = openStore({ file }, { flatsPerCommit: 100 });
  await using reader = openStore({ file });

  const steps: readonly (readonly [before: number, after: number, write: () => Promise<unknown>])[] = [
    [0, SIZE, () => writer.addIntercom(TESTER, draft('tower'))],
    [SIZE, 2 * SIZE, () => writer.amendIntercom(TESTER, resize(2 * SIZE))],
    [2 * SIZE, SIZE, () => writer.amendIntercom(TESTER, resize(SIZE))],
    [SIZE, 0, () => writer.amendIntercom(TESTER, remove)],
  ];
  for (const [before, after, write] of steps) {
    let isDone = false;
    const written = write()
      .then(() => swept(file))
      .then(() => (isDone = true));
    let rounds = 0;
    for (; !isDone; rounds++) {
      for (const [kind, read] of Object.entries(KINDS)) {
        const found = await read(reader);
        expect([kind, found === before || found === after ? 'whole' : found]).toEqual([kind, 'whole']);
        await nextTurn();
      }
      const isThere = (await reader.findIntercom({ by: 'externalId', externalId: 'tower' })) !== undefined;
      const { count } = await reader.countIntercoms({ title: 'tower' });
      expect([0, 1]).toContain(count);
      if (before > 0 && after > 0) expect(isThere).toBe(true);
    }
    await written;
    for (const [kind, read] of Object.entries(KINDS)) expect([kind, await read(reader)]).toEqual([kind, after]);
    // Some reads came in between.
    expect(rounds).toBeGreaterThan(0);
  }
  expect(rows(file, 'select * from intercoms')).toEqual([]);
  expect(rows(file, 'select * from flats')).toEqual([]);
  expect(disagreements(file)).toEqual([]);
});

it('lets single updates commit between the pieces of a large intercom', async () => {
  await using folder = await tempFolder();
  await using store = openStore({ file: folder.file('x.db') }, { flatsPerCommit: 100 });
  await store.addIntercom(TESTER, { ...draft(), range: { from: 1, to: 1 } });
  const done: string[] = [];
  const origin = { actor: 'billing', channel: 'REST' } as const;
  const update = async (analog: boolean) => {
    await store.amend(origin, [
      { ref: { by: 'id', flatId: 1 }, patch: { analog }, acceptedVersions: undefined, reason: null },
    ]);
    done.push('update');
  };
  const made = store.addIntercom(TESTER, draft()).then(() => done.push('made'));
  for (let n = 0; n < 5; n++) await update(n % 2 === 0);
  await made;
  expect(done).toEqual(['update', 'update', 'update', 'update', 'update', 'made']);
});

it('takes what is half made out of the way of an import by another process, and then says that it is busy', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file }, { flatsPerCommit: 5 });
  await using other = openStore({ file });
  const made = store.addIntercom(TESTER, draft('t')).catch((error: unknown) => error);
  await until(() => (rows(file, 'select * from flats') as unknown[]).length > 0);
  const row = { intercomId: 1, intercomTitle: 'House', flat: 7, lines: {} };
  expect((await other.importRows(TESTER, [row])).outcomes).toMatchObject([{ kind: 'created', intercom: 'created' }]);
  expect(await made).toMatchObject({ name: 'StorageError', problem: 'busy' } satisfies Partial<StorageError>);
  await swept(file);
  expect(rows(file, 'select title, external_id, flat_from, flat_to, hidden from intercoms')).toEqual([
    { title: 'House', external_id: null, flat_from: 7, flat_to: 7, hidden: 0 },
  ]);
  expect(rows(file, 'select intercom_id, flat from flats')).toEqual([{ intercom_id: 1, flat: 7 }]);
  expect(disagreements(file)).toEqual([]);
});

it('decides anew with the last commit, and leaves nothing of what it refuses', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file }, { flatsPerCommit: 5 });
  await using other = openStore({ file });
  const made = store.addIntercom(TESTER, draft('taken'));
  await until(() => (rows(file, 'select * from flats') as unknown[]).length > 0);
  await other.importRows(TESTER, [{ intercomId: 77, intercomTitle: 'House', intercomExternalId: 'taken' }]);
  expect(await made).toEqual({
    kind: 'refused',
    refusal: { kind: 'invalid', errors: [{ field: 'externalId', code: 'TAKEN' }] },
  });
  await swept(file);
  expect(rows(file, 'select id from intercoms')).toEqual([{ id: 77 }]);
  expect(rows(file, 'select id from flats')).toEqual([]);
  expect(disagreements(file)).toEqual([]);
});

it('ends a call that has begun before it closes, and leaves the rest of a deletion to the next start', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  const store = openStore({ file }, { flatsPerCommit: 100 });
  const made = store.addIntercom(TESTER, draft());
  await nextTurn();
  await store[Symbol.asyncDispose]();
  expect(await made).toMatchObject({ kind: 'done', flatsAdded: SIZE });

  await using next = openStore({ file }, { flatsPerCommit: 100 });
  await next.amendIntercom(TESTER, remove);
  expect(await next.countIntercoms({})).toEqual({ count: 0, isExact: true });
});

it('makes an intercom of the numbers that were just taken from it', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file }, { flatsPerCommit: 100 });
  await store.addIntercom(TESTER, draft());
  const [narrowed, widened] = await Promise.all([
    store.amendIntercom(TESTER, resize(10)),
    store.amendIntercom(TESTER, resize(SIZE)),
  ]);
  expect(narrowed).toMatchObject({ kind: 'done', flatsRemoved: SIZE - 10 });
  expect(widened).toMatchObject({ kind: 'done', flatsAdded: SIZE - 10 });
  expect(rows(file, 'select count(*) flats, min(id) first, max(id) last from flats where flat > 10')).toEqual([
    { flats: SIZE - 10, first: SIZE + 1, last: 2 * SIZE - 10 },
  ]);
  expect(disagreements(file)).toEqual([]);
});

/** One of the writes that make, move and delete flats; what others do meanwhile may refuse it. */
function anyWrite(store: Store, random: Random): Promise<unknown> {
  const [intercomId, from] = [random.between(1, 6), random.between(1, 30)];
  const range = { from, to: from + random.below(60) };
  const force = random.chance(0.5);
  const lines = ALL_AVAILABLE;
  const ref = { by: 'id', intercomId } as const;
  const texts = { title: 'T', externalId: random.chance(0.3) ? `e${random.below(3)}` : null };
  const flats = { flatFrom: range.from, flatTo: range.to };
  return random.pick([
    () => store.addIntercom(TESTER, { ...texts, range, lines, reason: null }),
    () =>
      store.amendIntercom(TESTER, {
        kind: 'update',
        ref,
        title: undefined,
        externalId: undefined,
        ...flats,
        lines,
        force,
        reason: null,
      }),
    () => store.amendIntercom(TESTER, { kind: 'delete', ref, force, reason: null }),
    () =>
      store.importRows(
        TESTER,
        random.times(random.between(1, 10), (n) => ({
          ...{ intercomId, intercomTitle: 'I', flat: from + n, keys: ['k'].slice(random.below(2)) },
          lines: { analog: random.chance(0.5) },
        })),
      ),
  ])();
}

it('keeps every intercom whole, whatever two processes make, move, import and delete at once', async () => {
  for (let round = 0; round < 4; round++) {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    {
      await using one = openStore({ file }, { flatsPerCommit: 7 });
      await using other = openStore({ file }, { flatsPerCommit: 11 });
      const random = randomOf(7, round);
      const caller = async () => {
        for (let n = 0; n < 20; n++) {
          await anyWrite(random.pick([one, other]), random).catch((error: unknown) => {
            expect(error).toMatchObject({ name: 'StorageError', problem: 'busy' });
          });
        }
      };
      await Promise.all(random.times(6, caller));
      await swept(file);
    }
    expect([round, disagreements(file)]).toEqual([round, []]);
  }
});

import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Change, LinesChange } from '../../src/domain/change.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { createChangeFeed } from '../../src/operations/follow-changes.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { newDatabase, POSTGRES_BIN, query } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { until } from '../support/until.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;
const ALL = { limit: 10_000, fromEnd: false } as const;

const set = (flatId: number, analog: boolean, expected?: number): Update => ({
  ref: { by: 'id', flatId },
  patch: { analog },
  acceptedVersions: expected === undefined ? undefined : [expected],
  reason: null,
});

const draft = (to: number) => ({
  title: 'T',
  externalId: null,
  reason: null,
  range: { from: 1, to },
  lines: ALL_AVAILABLE,
});

/** The sessions that wait for a lock. */
const WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/** The first change of lines comes after the row of the intercom. */
const FIRST = 2;

/** Stores on one database, as several instances have them. */
async function instances(count: number, flats: number) {
  const url = await newDatabase();
  const stores = await Promise.all(Array.from({ length: count }, () => openPostgresStore(url)));
  await (stores[0] as Store).addIntercom(TESTER, draft(flats));
  return {
    url,
    stores,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]();
    },
  };
}

/** Follows a store from the beginning. */
function follow(store: Store) {
  const seen: Change[] = [];
  const times: number[] = [];
  const follower = createChangeFeed(store).follow({}, 0);
  const ended = (async () => {
    for await (const change of follower) {
      seen.push(change);
      times.push(Date.now());
    }
  })();
  return {
    seen,
    times,
    async [Symbol.asyncDispose]() {
      follower.leave();
      await ended;
    },
  };
}

describe.skipIf(POSTGRES_BIN === undefined)('several instances on one database', () => {
  it('decide on flats as the transaction has left them that they waited for', async () => {
    await using it = await instances(2, 10);
    const [one, other] = it.stores as [Store, Store];
    const holder = new pg.Client({ connectionString: it.url });
    await holder.connect();
    await holder.query(`begin; update flats set version = version + 1, analog = false where id <= 6; delete from flats where id = 7;
      insert into keys select id, 'A' from flats where id <= 6`);
    const number = (flat: number): Update => ({ ...set(1, true), ref: { by: 'number', intercomId: 1, flat } });
    const writes = [
      one.amend(origin, [set(1, true), number(2)]),
      other.amend(origin, [number(3), set(4, true), number(7), set(7, true)]),
      other.changeLinks(TESTER, {
        ...{ ref: number(5).ref, link: 'keys', attach: true, names: ['B'], reason: null },
      }),
    ] as const;
    await until(async () => (await query(it.url, WAITING)).rows.length === writes.length);
    await holder.query('commit');
    await holder.end();
    const written = (id: number) => ({
      kind: 'written',
      flat: { id, version: 3, keyCount: 1, lines: { analog: true } },
    });
    const gone = { kind: 'refused', refusal: { kind: 'invalid' } };
    expect(await Promise.all(writes)).toMatchObject([
      [written(1), written(2)],
      [written(3), written(4), gone, gone],
      { kind: 'done', count: 1, flat: { id: 5, version: 2, keyCount: 2 } },
    ]);
  });

  it('do not delete a flat that gets a key at that moment', async () => {
    await using it = await instances(1, 10);
    const [store] = it.stores as [Store];
    const holder = new pg.Client({ connectionString: it.url });
    await holder.connect();
    await holder.query("begin; select from flats where id = 8 for no key update; insert into keys values (8, 'A')");
    const ref = { by: 'id', intercomId: 1 } as const;
    const deleted = store.amendIntercom(TESTER, { kind: 'delete', ref, force: false, reason: null });
    await until(async () => (await query(it.url, WAITING)).rows.length === 1);
    await holder.query('commit');
    await holder.end();
    expect(await deleted).toMatchObject({ kind: 'refused', refusal: { kind: 'flatsInUse', count: 1 } });
    expect(await store.keysOf([8])).toEqual(new Map([[8, ['A']]]));
  });

  it('write one log, which followers of each get as a whole and in order', async () => {
    await using world = await instances(3, 40);
    await using first = follow(world.stores[0] as Store);
    await using second = follow(world.stores[1] as Store);
    const ROUNDS = 20;
    await Promise.all(
      world.stores.flatMap((store, index) =>
        Array.from({ length: 8 }, async (_, caller) => {
          for (let round = 0; round < ROUNDS; round++) {
            const flat = 1 + ((index * 8 + caller + round * 7) % 40);
            await store.amend(origin, [set(flat, round % 2 === 1)]);
          }
        }),
      ),
    );
    const { rows: written } = await (world.stores[2] as Store).listChanges({}, ALL);
    const rows = written as readonly LinesChange[];
    expect(rows.map((it) => it.seq)).toEqual(rows.map((_, index) => index + FIRST));
    expect(rows.every((it, index) => index === 0 || it.changedAt >= (rows[index - 1] as Change).changedAt)).toBe(true);
    await until(() => first.seen.length === rows.length && second.seen.length === rows.length);
    expect(first.seen).toEqual(rows);
    expect(second.seen).toEqual(rows);
    // Each change begins where the one before it of the same flat has ended.
    const lines = new Map<number, unknown>();
    for (const { flatId, before, after } of rows) {
      expect(before).toEqual(lines.get(flatId) ?? ALL_AVAILABLE);
      lines.set(flatId, after);
    }
    const off = [...lines.values()].filter((it) => !(it as typeof ALL_AVAILABLE).analog).length;
    expect(await (world.stores[0] as Store).countFlats({ lines: { analog: false } })).toEqual({
      count: off,
      isExact: true,
    });
  });

  it('commit large calls in few transactions, and in more beside single updates, which wait for each', async () => {
    await using world = await instances(1, 1_000);
    const [store] = world.stores as [Store];
    const all = (analog: boolean) => Array.from({ length: 1_000 }, (_, i) => set(i + 1, analog));
    const transactions = async () =>
      (await query(world.url, "select batch::int from writers where id like '% edits'")).rows[0].batch;
    await store.amend(origin, all(false));
    expect(await transactions()).toBe(2);
    let isDone = false;
    const singles = (async () => {
      for (let i = 0; !isDone; i++) await store.amend(origin, [set(1, i % 2 === 0)]);
    })();
    await store.amend(origin, all(true));
    isDone = true;
    await singles;
    expect(await transactions()).toBeGreaterThan(6);
  });

  it('keep no single update waiting for an atomic call that waits', async () => {
    await using it = await instances(1, 101);
    const [store] = it.stores as [Store];
    const holder = new pg.Client({ connectionString: it.url });
    await holder.connect();
    await holder.query('begin; select from flats where id = 100 for no key update');
    const call = store.amend(
      origin,
      Array.from({ length: 100 }, (_, i) => set(i + 1, false)),
      { atomic: true },
    );
    await until(async () => (await query(it.url, WAITING)).rows.length === 1);
    expect(await store.amend(origin, [set(101, false)])).toMatchObject([{ kind: 'written', flat: { version: 2 } }]);
    expect(await store.waitingEdits()).toBe(100);
    await holder.end();
    expect((await call).map((it) => it.kind)).toEqual(new Array(100).fill('written'));
    expect(await store.countChanges({})).toBe(101);
  });

  it('let one of many that expect the same version win', async () => {
    await using world = await instances(3, 1);
    const outcomes = await Promise.all(
      world.stores.flatMap((store) => Array.from({ length: 5 }, () => store.amend(origin, [set(1, false, 1)]))),
    );
    expect(outcomes.flat().filter((it) => it.kind === 'written')).toHaveLength(1);
    expect(outcomes.flat().filter((it) => it.kind === 'refused')).toHaveLength(14);
  });

  it('do not wait for each other for ever: bulks in opposite orders, links, intercoms that come and go, a prune', async () => {
    await using world = await instances(3, 30);
    const ids = Array.from({ length: 30 }, (_, i) => i + 1);
    const work = world.stores.flatMap((store, index) => [
      ...Array.from({ length: 6 }, (_, i) => {
        const updates = ids.map((id) => set(id, (i + index) % 2 === 0));
        return store.amend(origin, i % 2 ? updates : updates.toReversed(), { atomic: i % 3 === 0 });
      }),
      ...ids.map((flatId) =>
        store.changeLinks(TESTER, {
          ...{ ref: { by: 'id' as const, flatId }, link: 'users' as const, attach: true },
          reason: null,
          names: index % 2 ? ['anna', 'boris'] : ['boris', 'anna'],
        }),
      ),
      store.addIntercom(TESTER, draft(20)),
      store.amendIntercom(TESTER, {
        ...{ kind: 'update', ref: { by: 'id', intercomId: 1 }, title: undefined, externalId: undefined, reason: null },
        ...{ flatFrom: 1, flatTo: 30 + index, lines: ALL_AVAILABLE, force: true },
      }),
      store.importRows(
        TESTER,
        ids.map((flat) => ({ intercomId: 9, flat: flat + index, lines: {}, users: ['anna', `u${flat}`] })),
      ),
      store.prune(5, 10),
    ]);
    expect((await Promise.allSettled(work)).filter((it) => it.status === 'rejected')).toEqual([]);
    const [store] = world.stores as [Store];
    const counted = await query(
      world.url,
      `select (select counts from change_log)::text = (select array_agg(n order by mask)::text from (
        select mask, (select count(*) from flats where lines = mask) n from generate_series(0, 7) mask) c) same,
        (select max(id) from flats) = (select flat from ids) last, (select count(*)::int from flats) n`,
    );
    expect(counted.rows).toEqual([{ same: true, last: true, n: (await store.countFlats({ lines: {} })).count }]);
    expect(await store.usersOf([1])).toEqual(new Map([[1, ['anna', 'boris']]]));
  });

  it('know each other’s tokens, and that they are revoked, within a second', async () => {
    await using world = await instances(2, 1);
    const [here, there] = world.stores as [Store, Store];
    expect(await there.hasToken()).toBe(false);
    const hash = createHash('sha256').update(randomBytes(8)).digest();
    expect(await there.findToken(hash)).toBeUndefined();
    await here.addToken('billing', 'write', hash, null);
    await sleep(30);
    expect(await there.findToken(hash)).toMatchObject({ name: 'billing', lastUsedAt: null });
    expect(await there.addToken('billing', 'read', randomBytes(32), null)).toBe(false);
    await there.recordTokenUse(1);
    expect((await here.listTokens())[0]?.lastUsedAt).toBeTypeOf('number');
    await here.revokeToken('billing');
    expect(await here.findToken(hash)).toBeUndefined();
    await sleep(1_000);
    expect(await there.findToken(hash)).toBeUndefined();
    expect((await there.liveTokenIds()).size).toBe(0);
  });

  it('tell the other’s followers within a tenth of a second, most of the time', async () => {
    await using world = await instances(2, 5);
    const [here, there] = world.stores as [Store, Store];
    const followers = [follow(here), follow(there)];
    await using _own = followers[0];
    await using _other = followers[1];
    const begun: number[] = [];
    for (let i = 0; i < 15; i++) {
      begun.push(Date.now());
      await here.amend(origin, [set(1 + (i % 5), i % 10 >= 5)]);
      await until(() => followers.every((it) => it.seen.length === i + 1));
    }
    const [own = 0, other] = followers.map(
      ({ times }) => times.map((it, i) => it - (begun[i] as number)).toSorted((a, b) => a - b)[7],
    );
    // The instance's own followers say how fast the machine is.
    expect(other).toBeLessThan(100 + 2 * own);
  });

  it('use the clock of the server', async () => {
    await using world = await instances(1, 1);
    const [store] = world.stores as [Store];
    const before = Date.now();
    const [outcome] = await store.amend(origin, [set(1, false)]);
    expect(outcome).toMatchObject({ kind: 'written' });
    const { changedAt } = (outcome as { change: Change }).change;
    expect(changedAt).toBeGreaterThan(before - 5_000);
    expect(changedAt).toBeLessThan(Date.now() + 5_000);
    expect((await store.findFlat({ by: 'id', flatId: 1 }))?.updatedAt).toBe(changedAt);
  });
});

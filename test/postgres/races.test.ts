import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS } from '../../src/domain/change.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { readMigrationFiles } from '../../src/store/postgres/drizzle.ts';
import { createReader, type Reader } from '../../src/store/postgres/read/query.ts';
import { createReads } from '../../src/store/postgres/read/reads.ts';
import { createTokenReads } from '../../src/store/postgres/read/tokens.ts';
import type { Pool } from '../../src/store/postgres/server/pool.ts';
import { createReadPool } from '../../src/store/postgres/server/read-pool.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { newDatabase, POSTGRES_BIN, query } from '../support/postgres.ts';
import { addressOf, openPostgresStore } from '../support/postgres-world.ts';
import { until } from '../support/until.ts';

// What others commit while a write waits for a lock, or between two statements of a read.

const WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

type LogReads = Pick<Store, 'listChangeSets' | 'countChangeSets' | 'scanChangeSet' | 'listChanges' | 'countChanges'>;

/** A database with an intercom, and two stores on it. */
async function openWorld(flats = 10) {
  const url = await newDatabase();
  const [one, other] = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
  await one.addIntercom(TESTER, {
    ...{ title: 'T', externalId: null, reason: null, lines: ALL_AVAILABLE },
    range: { from: 1, to: flats },
  });
  return {
    url,
    one,
    other,
    /** A session of somebody else, in a transaction. */
    async begin(statements: string) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`begin; ${statements}`);
      return {
        async end(how: 'commit' | 'rollback' = 'commit') {
          await client.query(how);
          await client.end();
        },
      };
    },
    waiting: (count: number) => until(async () => (await query(url, WAITING)).rows.length === count),
    async [Symbol.asyncDispose]() {
      await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
    },
  };
}

/** Reads, before each statement of which `between` is awaited. */
function readerOf(url: string, between: (text: string) => Promise<unknown>): Reader & Disposable {
  const pool = createReadPool({
    ...{ address: addressOf(url), instance: 'test', connections: 2 },
    ...{ patienceMs: 60_000, readTimeoutMs: 60_000 },
  });
  const slow: Pool = {
    ...pool,
    read: (work) =>
      pool.read((connection) => {
        let before: Promise<unknown> = Promise.resolve();
        return work({
          ...connection,
          query(statement) {
            before = before.then(() => between(statement.text));
            return before.then(() => connection.query(statement));
          },
        });
      }),
  };
  return { ...createReader(slow, 60_000), [Symbol.dispose]: () => pool[Symbol.dispose]() };
}

const set = (flatId: number, analog: boolean): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog } },
  ...{ acceptedVersions: undefined, reason: null },
});

const hashOf = () => createHash('sha256').update(randomBytes(8)).digest();

describe.skipIf(POSTGRES_BIN === undefined)('what others commit meanwhile', () => {
  it('does not hide a flat that is made while a write waits', async () => {
    await using world = await openWorld();
    const holder = await world.begin('update flats set version = version + 1 where id = 1');
    const number = (intercomId: number, flat: number): Update => ({
      ...set(1, false),
      ref: { by: 'number', intercomId, flat },
    });
    const written = world.one.amend(TESTER, [set(1, false), number(1, 11), number(2, 5), number(2, 6)]);
    await world.waiting(1);
    await world.other.importRows(TESTER, [
      { intercomId: 1, flat: 11, lines: {} },
      { intercomId: 2, flat: 5, lines: {} },
    ]);
    await holder.end();
    expect((await written).map((it) => (it.kind === 'refused' ? it.refusal : it.kind))).toMatchObject([
      'written',
      'written',
      'written',
      { kind: 'invalid', errors: [{ field: 'flat' }] },
    ]);
  });

  it('keeps those waiting who want a flat that is locked, in their order, and nobody else', async () => {
    await using world = await openWorld(300);
    const holder = await world.begin('select from flats where id in (1, 7) for update');
    const write = (...updates: Update[]) => world.one.amend(TESTER, updates);
    const range = (from: number, to: number, analog: boolean) =>
      Array.from({ length: to - from + 1 }, (_, i) => set(from + i, analog));
    let isHeld = true;
    const held = [
      write(set(1, false)),
      // On the same flat, and behind it on another one.
      write(set(2, false), set(1, true)),
      write(set(2, true)),
      // A call of several pieces: each of them would begin a change set.
      write(...range(101, 280, false), set(7, false)),
      world.one.amend(TESTER, [set(7, true), set(8, false)], { atomic: true }),
    ].map((it) => it.then((outcomes) => ({ kinds: outcomes.map(({ kind }) => kind), isHeld })));
    await world.waiting(1);
    // In the queue of those on locked flats, but not of those that are free.
    held.push(write(set(1, false)).then((outcomes) => ({ kinds: outcomes.map(({ kind }) => kind), isHeld })));
    for (let i = 0; i < 20; i++) {
      expect(await write(set(10 + i, false))).toMatchObject([{ kind: 'written' }]);
    }
    isHeld = false;
    await holder.end();
    const kinds = (...all: string[]) => ({ kinds: all, isHeld: false });
    expect(await Promise.all(held)).toEqual([
      kinds('written'),
      kinds('written', 'written'),
      kinds('written'),
      kinds(...Array(181).fill('written')),
      kinds('written', 'written'),
      kinds('written'),
    ]);
    const { rows } = await world.one.listChanges({}, { limit: 500, fromEnd: false });
    const linesOf = (flatId: number) =>
      rows.flatMap((it) => (it.kind === 'LINES_SET' && it.flatId === flatId ? it.after.analog : []));
    expect([1, 2, 7, 8].map(linesOf)).toEqual([[false, true, false], [false, true], [false, true], [false]]);
    expect(new Set(rows.flatMap((it) => ('flatId' in it && it.flatId > 100 ? it.changeSet : []))).size).toBe(1);
  });

  it('gives a large call the time of its place in the log, and nothing after it an earlier one', async () => {
    await using world = await openWorld(500);
    const analogs = async (): Promise<readonly boolean[]> =>
      (await query(world.url, 'select analog from flats order by id')).rows.map((it) => it.analog);
    /** Switches most flats over in one transaction; single updates of the other store come all the time. */
    async function amendMost() {
      const states = await analogs();
      const updates = states.slice(0, 400).map((it, index) => set(index + 1, !it));
      const call = world.one.amend(TESTER, updates, { atomic: true });
      let isOver = false;
      const singles = (async () => {
        for (let id = 401; !isOver; id = id < 500 ? id + 1 : 401) {
          const [flat] = (await query(world.url, `select analog from flats where id = ${id}`)).rows;
          await world.other.amend(TESTER, [set(id, !flat.analog)]);
        }
      })();
      return {
        async end() {
          const outcomes = await call;
          isOver = true;
          await singles;
          return outcomes;
        },
      };
    }
    async function expectOneTime() {
      const { rows } = await query(
        world.url,
        'select changed_at::float8 as at, flat_id::float8 as flat from changes order by seq',
      );
      expect(rows.filter((it, index) => it.at < (rows[index - 1]?.at ?? 0))).toEqual([]);
      const flats = await query(world.url, 'select id::float8, updated_at::float8 as at from flats where version > 1');
      expect(new Map(flats.rows.map((it) => [it.id, it.at]))).toEqual(new Map(rows.map((it) => [it.flat, it.at])));
      expect((await query(world.url, 'select from clock_steps')).rows).toEqual([]);
      expect(rows.at(-1).at).toBeLessThan(Date.now() + 200);
    }

    for (let i = 0; i < 5; i++) await (await amendMost()).end();
    await expectOneTime();
    // One that waits longer than its flats are dated ahead.
    const holder = await world.begin('update flats set updated_at = updated_at where id = 400');
    // Whoever deletes has this before the flats, and must not be waited for with flats in hand.
    const other = await world.begin('select from intercoms for update');
    const waiting = await amendMost();
    await sleep(400);
    await holder.end();
    expect(new Set((await waiting.end()).map((it) => it.kind))).toEqual(new Set(['written']));
    await other.end();
    await expectOneTime();
  });

  it('has the earlier time: a write that waited has the time of its place in the log', async () => {
    await using world = await openWorld();
    const holder = await world.begin('select from ids for update');
    const waited = world.one.addIntercom(TESTER, {
      ...{ title: 'T', externalId: null, reason: null, lines: ALL_AVAILABLE },
      range: { from: 1, to: 1 },
    });
    await world.waiting(1);
    await sleep(5);
    await world.other.amend(TESTER, [set(1, false)]);
    await holder.end();
    await waited;
    const { rows } = await world.one.listChanges({ kinds: CHANGE_KINDS }, { limit: 10, fromEnd: false });
    expect(rows.map((it) => it.changedAt)).toEqual(rows.map((it) => it.changedAt).toSorted());
    expect((await query(world.url, 'select from clock_steps')).rows).toEqual([]);
  });

  it('goes on while a migration waits for a table that a long transaction uses', async () => {
    const url = await newDatabase();
    // The one after these changes a table.
    const [first, second, ...later] = readMigrationFiles({ migrationsFolder: 'drizzle/postgres' });
    await query(url, 'create table schema_migrations (hash text not null, created_at bigint primary key)');
    for (const { sql, folderMillis } of [first, second] as (typeof later)[number][]) {
      await query(url, [...sql, `insert into schema_migrations values ('', ${folderMillis})`].join(';'));
    }
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; select from tokens');
    const opened = openPostgresStore(url);
    await until(async () => (await query(url, WAITING)).rows.length === 1);
    await query(url, "set statement_timeout = 60000; select from tokens; update tokens set name = 'a'");
    await holder.query('commit');
    await holder.end();
    await using store = await opened;
    expect(store.opened.migrated).toEqual({ from: 2, to: 2 + later.length });
  });

  it('does not save a token from being revoked: another one takes the name of one that has expired', async () => {
    await using world = await openWorld();
    await world.one.addToken('billing', 'write', hashOf(), 1);
    const holder = await world.begin(`update tokens set revoked_at = expires_at where name = 'billing';
      insert into tokens (name, scope, hash, created_at) values ('billing', 'write', '\\x${hashOf().toString('hex')}', 2);
      update database_state set tokens_version = tokens_version + 1`);
    const revoked = world.other.revokeToken('billing');
    await world.waiting(1);
    await holder.end();
    expect(await revoked).toBe(true);
    expect((await world.one.listTokens()).filter((it) => it.revokedAt === null)).toEqual([]);
  });

  it('does not bring a revoked token back: a read of the tokens may end after a later one', async () => {
    await using world = await openWorld();
    const hash = hashOf();
    await world.one.addToken('billing', 'write', hash, null);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    using reader = readerOf(world.url, async () => {});
    let isFirst = true;
    const tokens = createTokenReads({
      ...reader,
      async prepared(sql, values) {
        const rows = await reader.prepared(sql, values);
        if (!isFirst || !sql.includes('hash')) return rows;
        isFirst = false;
        hold();
        await released;
        return rows;
      },
    });
    const first = tokens.findToken(hash);
    await held;
    await world.one.revokeToken('billing');
    tokens.forget();
    const second = tokens.findToken(hash);
    setTimeout(release, 100);
    expect(await second).toBeUndefined();
    await first;
    expect(await tokens.findToken(hash)).toBeUndefined();
  });

  const kinds = CHANGE_KINDS;
  const page = { limit: 4, fromEnd: false };
  it.each<readonly [string, (reads: LogReads) => Promise<unknown>]>([
    ['a list of change sets', (reads) => reads.listChangeSets({}, page)],
    ['a list of those of an actor', (reads) => reads.listChangeSets({ actor: TESTER.actor, from: 1 }, page)],
    ['a count of them', (reads) => reads.countChangeSets({ actor: TESTER.actor })],
    ['a scan of one', (reads) => reads.scanChangeSet(2, 0, 100)],
    ['a list of changes of a time', (reads) => reads.listChanges({ kinds, from: 1 }, { ...page, limit: 40 })],
    ['a count of changes', (reads) => reads.countChanges({ kinds, from: 1 })],
  ])('does not divide %s: rows are pruned between its statements', async (_, read) => {
    await using world = await openWorld();
    const all = (analog: boolean) => Array.from({ length: 5 }, (_, i) => set(i + 1, analog));
    for (let i = 0; i < 12; i++) await world.one.amend(TESTER, all(i % 2 === 1));
    await query(world.url, 'insert into clock_steps values (20), (40)');
    const expected = await read(world.one);
    let statements = 0;
    using reader = readerOf(world.url, async (text) => {
      if (text.startsWith('begin') || text === 'commit') return;
      if (++statements === 2) await world.other.prune(30, 1_000);
      if (statements === 4) await world.other.prune(50, 1_000);
    });
    expect(await read(createReads(reader))).toEqual(expected);
    expect(statements).toBeGreaterThan(1);
  });
});

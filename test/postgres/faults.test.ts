import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { newDatabase, POSTGRES_BIN, query, sharedServer } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;

const set = (flatId: number, analog: boolean): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason: null },
});

const draft = { title: 'T', externalId: null, reason: null, range: { from: 1, to: 20 }, lines: ALL_AVAILABLE };

interface World extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  readonly proxy: TcpProxy;
  readonly problems: (string | undefined)[];
}

/** A store behind a proxy. */
async function world(): Promise<World> {
  const url = await newDatabase();
  const proxy = await tcpProxy(Number(new URL(url).port));
  const through = new URL(url);
  through.port = String(proxy.port);
  const problems: (string | undefined)[] = [];
  // Longer than the machine takes for many more statements than a write has.
  const begun = performance.now();
  {
    await using first = await openPostgresStore(url);
    await first.addIntercom(TESTER, draft);
    await first.amend(origin, [set(20, false)]);
  }
  const patienceMs = 1_000 + performance.now() - begun;
  const onStorage = (it?: string) => void problems.push(it);
  const store = await openPostgresStore(through.href, {
    ...{ patienceMs, readTimeoutMs: patienceMs, startPatienceMs: 60_000, onStorage },
  });
  return {
    ...{ url, proxy, store, problems },
    async [Symbol.asyncDispose]() {
      proxy.set('open');
      await store[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** What a write has come to: `ok`, or its problem. */
const outcomeOf = (write: Promise<unknown>): Promise<string> =>
  write.then(
    () => 'ok',
    (error: unknown) => (error instanceof StorageError ? error.problem : String(error)),
  );

/** A write that has locked its flat, and waits for the head of the log, which a client holds. */
async function writeThatWaits(it: World) {
  const client = new pg.Client({ connectionString: it.url });
  await client.connect();
  await client.query('begin; select from change_log for update');
  const write = outcomeOf(it.store.amend(origin, [set(2, false)]));
  await until(async () => {
    const { rows } = await query(
      it.url,
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows.length > 0;
  });
  return { write, client };
}

describe.skipIf(POSTGRES_BIN === undefined)('a store on PostgreSQL', { concurrent: true }, () => {
  it('writes and reads on, when its connections are reset or their sessions are ended', async () => {
    await using it = await world();
    it.proxy.reset();
    expect(await outcomeOf(it.store.amend(origin, [set(1, false)]))).toBe('ok');
    it.proxy.reset();
    expect(await it.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 2 });
    await query(
      it.url,
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const both = [
      it.store.changeLinks(TESTER, {
        ref: { by: 'id', flatId: 1 },
        link: 'keys',
        attach: true,
        names: ['A'],
        reason: null,
      }),
    ];
    expect(await Promise.all([...both, it.store.amend(origin, [set(2, false)])].map(outcomeOf))).toEqual(['ok', 'ok']);
    expect(await it.store.keysOf([1])).toEqual(new Map([[1, ['A']]]));
    expect(await it.store.countChanges({})).toBe(3);
  });

  it('resets under load lose nothing that was answered, and store nothing twice', async () => {
    await using it = await world();
    let isOver = false;
    let answered = 0;
    const resets = (async () => {
      while (!isOver) {
        // Some writes are answered between two resets, however slow the machine is.
        const goal = answered + 10;
        await until(() => isOver || answered >= goal);
        it.proxy.reset();
      }
    })();
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    await Promise.all(
      Array.from({ length: 10 }, async (_, caller) => {
        for (let i = 0; i < 20; i++) {
          const write = it.store.amend(origin, [set(1 + caller, i % 2 === 1)]);
          count((await outcomeOf(write)) === 'ok' ? ((await write)[0]?.kind as string) : await outcomeOf(write));
          answered++;
        }
      }),
    );
    isOver = true;
    await resets;
    // What was refused as busy leaves the next update nothing to change.
    const written = outcomes.get('written') ?? 0;
    const stored = (await it.store.countChanges({})) - 1 - written;
    expect(stored).toBeGreaterThanOrEqual(0);
    expect(stored).toBeLessThanOrEqual(outcomes.get('outcomeUnknown') ?? 0);
    expect(written).toBeGreaterThan(50);
  });

  it('answers by what is stored, when the answer of a commit is lost', async () => {
    await using it = await world();
    it.proxy.setOld('deaf');
    // The lock is not answered either, so this one is tried again.
    expect(await outcomeOf(it.store.amend(origin, [set(1, false)]))).toMatch(/ok|busy/);
    // The trip that locks is over when the way back is cut.
    const { write, client } = await writeThatWaits(it);
    it.proxy.setOld('deaf');
    await client.query('commit');
    await client.end();
    expect(await write).toBe('ok');
    expect(await it.store.findFlat({ by: 'id', flatId: 2 })).toMatchObject({ version: 2 });
  });

  it('says that an outcome is unknown, when it cannot be asked for', async () => {
    await using it = await world();
    const { write, client } = await writeThatWaits(it);
    it.proxy.set('deaf');
    await client.query('commit');
    await client.end();
    expect(await write).toBe('outcomeUnknown');
    it.proxy.set('open');
    it.proxy.reset();
    expect(await outcomeOf(it.store.amend(origin, [set(3, false)]))).toBe('ok');
  });

  it('is busy while the server does not answer, and comes back by itself', async () => {
    await using it = await world();
    for (const way of ['stalled', 'closed'] as const) {
      it.proxy.set(way);
      const all = [
        it.store.amend(origin, [set(1, false)]),
        it.store.addIntercom(TESTER, draft),
        it.store.findFlat({ by: 'id', flatId: 1 }),
      ];
      expect(await Promise.all(all.map(outcomeOf))).toEqual(['busy', 'busy', 'busy']);
      expect(await it.store.findStorageProblem(0)).toContain('the database cannot be ');
      expect(it.store.problem()).toBeTypeOf('string');
      it.proxy.set('open');
      it.proxy.reset();
      await until(async () => (await outcomeOf(it.store.amend(origin, [set(1, way === 'stalled')]))) === 'ok');
      expect(await it.store.findStorageProblem(0)).toBeUndefined();
      expect(it.store.problem()).toBeUndefined();
    }
    expect(await it.store.countIntercoms({})).toEqual({ count: 1, isExact: true });
    expect(it.problems.filter((problem) => problem === undefined)).toHaveLength(2);
  });

  it('is busy while another writer holds a lock, and nobody else waits for that one', async () => {
    await using it = await world();
    const client = new pg.Client({ connectionString: it.url });
    await client.connect();
    await client.query('begin; select from flats where id = 1 for update');
    expect(await outcomeOf(it.store.amend(origin, [set(1, false)]))).toBe('busy');
    expect(await it.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
    await client.end();
    expect(await outcomeOf(it.store.amend(origin, [set(1, false)]))).toBe('ok');
  });

  it('is busy while the database takes no writes, reads meanwhile, and writes again after that', async () => {
    await using it = await world();
    const name = new URL(it.url).pathname.slice(1);
    const readOnly = async (value: string) => {
      await query(await sharedServer(), `alter database ${name} set default_transaction_read_only = ${value}`);
      it.proxy.reset();
    };
    await readOnly('on');
    expect(await outcomeOf(it.store.amend(origin, [set(1, false)]))).toBe('busy');
    await readOnly('off');
    await until(async () => (await outcomeOf(it.store.amend(origin, [set(1, false)]))) === 'ok');
    expect(await it.store.countChanges({})).toBe(2);
  });

  it('leaves nothing behind when a statement fails in the middle of a write', async () => {
    await using it = await world();
    await query(
      it.url,
      `create function no_50() returns trigger language plpgsql as $$ begin
        if new.flat = 50 then raise exception 'no 50: SECRET-KEY'; end if; return new; end $$;
      create trigger no_50 before insert on flats for each row execute function no_50()`,
    );
    const failed = await it.store
      .addIntercom(TESTER, { ...draft, range: { from: 1, to: 60 } })
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ name: 'StatementError', message: 'PostgreSQL refused the statement: P0001' });
    expect(await it.store.addIntercom(TESTER, draft)).toMatchObject({ kind: 'done', intercom: { id: 2 } });
    expect((await it.store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).flats).toBe(40);
  });
});

import { rmSync, statSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Update } from '../../src/domain/update-flat.ts';
import { openStore } from '../../src/store/open.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
import { rows } from '../support/rows.ts';
import { smallDisk } from '../support/small-disk.ts';
import { tempFolder } from '../support/temp-folder.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;

/** Sets the analog line of a flat. */
const set = (flatId: number, analog: boolean, reason: string | null = null): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason },
});

const setAll = (flats: number, analog: boolean): readonly Update[] =>
  Array.from({ length: flats }, (_, i) => set(i + 1, analog));

const importFlats = (store: Store, flats: number) =>
  store.importRows(
    origin,
    Array.from({ length: flats }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} })),
  );

/** Holds the write lock of a database, as another process would. */
function lock(file: string): { release(): void } {
  const client = new Sqlite(file);
  client.exec('begin immediate');
  return { release: () => client.close() };
}

/** The messages of those that failed, `ok` for those that did not. */
const verdicts = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((it) => (it.status === 'fulfilled' ? 'ok' : `${it.reason.name}: ${it.reason.message}`));

describe('writes of one turn', () => {
  it('share one commit', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file });
    await importFlats(store, 50);
    const wal = () => statSync(`${file}-wal`).size;
    const before = wal();
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.amend(origin, [set(i + 1, false)])));
    const together = wal() - before;
    for (let i = 0; i < 50; i++) await store.amend(origin, [set(i + 1, true)]);
    expect(together).toBeLessThan((wal() - before - together) / 10);
  });

  it('are answered before the bell rings', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('x.db') });
    await importFlats(store, 1);
    const order: string[] = [];
    const rung = store.bell.next().then(() => order.push('rung'));
    await store.amend(origin, [set(1, false)]).then(() => order.push('answered'));
    await rung;
    expect(order).toEqual(['answered', 'rung']);
  });

  it('are refused at once beyond the bound, and the others are kept', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('x.db') }, { maxWaiting: 3 });
    await importFlats(store, 1);
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => store.amend(origin, [set(1, i % 2 === 1)])),
    );
    const busy = 'StorageError: too many writes are waiting';
    expect(verdicts(results)).toEqual(['ok', 'ok', 'ok', busy, busy]);
    expect(await store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 4 });
  });

  it('that fail in the middle take nothing of others with them, and a call no more than the piece that failed', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file });
    await importFlats(store, 400);
    // The table does not take a reason of this length.
    const bad = set(1, true, 'x'.repeat(501));
    const half = [...setAll(350, false), bad];
    const [before, one, each, beside, token, after] = await Promise.allSettled([
      store.amend(origin, [set(1, false)]),
      store.amend(origin, half, { atomic: true }),
      store.amend(origin, half),
      store.amend(origin, setAll(200, false), { atomic: true }),
      store.addToken('billing', 'write', Buffer.alloc(32), null),
      store.amend(origin, [set(400, false)]),
    ]);
    expect(verdicts([before, one, each, beside, token, after])).toEqual([
      'ok',
      'SqliteError: CHECK constraint failed: changes_reason',
      'SqliteError: CHECK constraint failed: changes_reason',
      'ok',
      'ok',
      'ok',
    ]);
    expect(rows(file, 'select sum(version) - 400 changes, sum(analog) analog from flats')).toEqual([
      { changes: 351, analog: 49 },
    ]);
    expect(rows(file, 'select count(*) changes from changes')).toEqual([{ changes: 351 }]);
    expect((await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER)).flats).toBe(400);
    expect(rows(file, 'select sum(flats) flats from line_counts where flats > 0')).toEqual([{ flats: 400 }]);
    expect(await store.hasToken()).toBe(true);
  });

  it('leave no long log behind: it is moved into the database, some of it at a time, while nothing waits', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file });
    await importFlats(store, 1_000);
    const other = new Sqlite(file);
    const log = () => (other.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[])[0];
    let longest = 0;
    for (let i = 0; i < 300; i++) {
      await store.amend(origin, [set(1 + i, false)]);
      // A timer may be due before the store has had its turn to rest.
      await turn();
      await turn();
      const { log: frames = 0, checkpointed = 0 } = log() ?? {};
      longest = Math.max(longest, frames - checkpointed);
    }
    other.close();
    // A commit by itself checkpoints after 1,000 frames.
    expect(longest).toBeLessThan(200);
  });

  it('are all on disk when the store is closed', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    const store = openStore({ file });
    await importFlats(store, 1);
    const writes = Array.from({ length: 20 }, (_, i) => store.amend(origin, [set(1, i % 2 === 1)]));
    await store[Symbol.asyncDispose]();
    await Promise.all(writes);
    expect(rows(file, 'select version from flats')).toEqual([{ version: 21 }]);
  });
});

describe('lanes', () => {
  it('take turns: singles of one caller do not wait for the calls of another', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('x.db') });
    await importFlats(store, 1_000);
    const order: string[] = [];
    const greedy = Array.from({ length: 10 }, async (_, i) => {
      await store.amend({ ...origin, actor: 'greedy' }, setAll(1_000, i % 2 === 1));
      order.push('greedy');
    });
    const single = async () => {
      await store.amend(origin, [set(1, true, 'mine')]);
      order.push('single');
    };
    await Promise.all([...greedy, single()]);
    expect(order[0]).toBe('single');
  });

  it('are full one by one: a greedy caller is refused, and others are not', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('x.db') }, { maxWaiting: 1_500 });
    await importFlats(store, 1_000);
    const greedy = { ...origin, actor: 'greedy' };
    const results = await Promise.allSettled([
      store.amend(greedy, setAll(1_000, false)),
      store.amend(greedy, setAll(1_000, true)),
      store.amend(origin, setAll(1_000, true)),
      store.amend(greedy, [set(1, true)]),
    ]);
    expect(verdicts(results)).toEqual(['ok', 'StorageError: too many writes are waiting', 'ok', 'ok']);
    // Nothing of the refused call waited.
    expect((await store.listChanges({}, { limit: 1, fromEnd: true })).rows[0]?.seq).toBe(await store.changesHead());
  });

  it('keep the updates of a call in their order, and its outcomes', async () => {
    await using folder = await tempFolder();
    await using store = openStore({ file: folder.file('x.db') });
    await importFlats(store, 10);
    const updates = Array.from({ length: 500 }, (_, i) => set(1 + (i % 12), Math.floor(i / 12) % 2 === 1));
    const outcomes = await store.amend(origin, updates);
    expect(outcomes.map((it) => it.kind)).toEqual(updates.map((_, i) => (i % 12 < 10 ? 'written' : 'refused')));
    const versions = outcomes.flatMap((it) => (it.kind === 'written' && it.flat.id === 1 ? [it.flat.version] : []));
    expect(versions).toEqual(versions.map((_, i) => i + 2));
  });
});

describe('while another process holds the write lock', () => {
  it('writes wait, reads go on, and the event loop never sleeps', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file }, { lockTimeoutMs: 60_000 });
    await importFlats(store, 1);
    /** The median delay of the event loop while twenty reads go on, in milliseconds. */
    const readOn = async () => {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      for (let i = 0; i < 20; i++) {
        await sleep(20);
        expect(await store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
      }
      delay.disable();
      return delay.percentile(50) / 1e6;
    };
    // What the machine alone makes of it.
    const free = await readOn();
    const held = lock(file);
    let written = false;
    const write = store.amend(origin, [set(1, false)]).then((outcomes) => {
      written = true;
      return outcomes;
    });
    const delay = await readOn();
    expect(written).toBe(false);
    held.release();
    expect(await write).toMatchObject([{ kind: 'written', flat: { version: 2 } }]);
    expect(delay).toBeLessThan(50 + 2 * free);
  });

  it('writes fail after their patience, in their order, and later ones succeed', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = openStore({ file }, { lockTimeoutMs: 100 });
    await importFlats(store, 1);
    const held = lock(file);
    const results = await Promise.allSettled([
      store.amend(origin, [set(1, false)]),
      store.amend(origin, [set(1, true)]),
    ]);
    const busy = 'StorageError: another process keeps the database locked';
    expect(verdicts(results)).toEqual([busy, busy]);
    held.release();
    expect(await store.amend(origin, [set(1, false)])).toMatchObject([{ flat: { version: 2 } }]);
  });

  it('closing waits for those who wait', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    const store = openStore({ file }, { lockTimeoutMs: 60_000 });
    await importFlats(store, 1);
    const held = lock(file);
    const write = store.amend(origin, [set(1, false)]);
    const closed = store[Symbol.asyncDispose]();
    await sleep(50);
    held.release();
    await closed;
    expect(await write).toMatchObject([{ kind: 'written' }]);
  });
});

describe('a full disk', () => {
  it('refuses writes with nothing half-written, goes on reading, and heals without a restart', async (context) => {
    await using disk = await smallDisk(600);
    if (!disk) return context.skip('this user may not mount a small file system');
    const file = disk.file('x.db');
    await using store = openStore({ file });
    await importFlats(store, 100);
    writeFileSync(disk.file('ballast'), Buffer.alloc(100 * 1024));
    let accepted = 0;
    let refusal: unknown;
    while (!refusal) {
      const round = accepted + 1;
      const edits = Array.from({ length: 50 }, (_, i) => set(i + 51, round % 2 === 0, 'r'.repeat(500)));
      await store.amend(origin, edits).then(
        () => accepted++,
        (error) => {
          refusal = error;
        },
      );
      if (accepted > 1_000) throw new Error('the disk never fills');
    }
    expect(refusal).toEqual(new StorageError('full', 'the disk is full'));
    expect(await store.findFlat({ by: 'id', flatId: 100 })).toMatchObject({ version: accepted + 1 });

    rmSync(disk.file('ballast'));
    expect(await store.amend(origin, [set(100, accepted % 2 === 1)])).toMatchObject([
      { flat: { version: accepted + 2 } },
    ]);
    expect(rows(file, 'select min(version) least, sum(version) - 100 changes from flats')).toEqual([
      { least: 1, changes: 50 * accepted + 1 },
    ]);
    expect(rows(file, 'select count(*) changes from changes')).toEqual([{ changes: 50 * accepted + 1 }]);
  });
});

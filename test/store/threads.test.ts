import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Update } from '../../src/domain/update-flat.ts';
import { openServiceStore } from '../../src/store/open.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { describeStore, type StoreWorld } from './contract.ts';
import { describeLog } from './log-contract.ts';
import { describeProvision } from './provision-contract.ts';
import { describeRandomProvision } from './random-provision.ts';
import { describeRandomReads } from './random-reads.ts';
import { describeReads } from './reads-contract.ts';

const open = async (): Promise<StoreWorld> => {
  const folder = await tempFolder();
  const clock = new Float64Array(new SharedArrayBuffer(8)).fill(1_000);
  const store = await openServiceStore(
    { file: folder.file('x.db') },
    {
      writer: new URL('./clocked-writer.ts', import.meta.url),
      writerData: { clock },
      onWriterEnd(error) {
        throw error;
      },
    },
  );
  return {
    store,
    get now() {
      return clock[0] as number;
    },
    set now(ms) {
      clock[0] = ms;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
};

const NAME = 'SQLite with a writer thread';
describeStore(NAME, open);
// Each test starts a thread, so the rest is for `npm run test:long`.
if (process.env['LONG_TESTS']) {
  describeProvision(NAME, open);
  describeReads(NAME, open);
  describeLog(NAME, open);
  describeRandomProvision(NAME, open);
  describeRandomReads(NAME, open);
}

const origin = { actor: 'tester', channel: 'CLI' } as const;
const FLATS = 1_000;

const set = (flatId: number, analog: boolean): Update => ({
  ...{ ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason: null },
});
const setAll = (analog: boolean): readonly Update[] => Array.from({ length: FLATS }, (_, i) => set(i + 1, analog));

interface Building extends AsyncDisposable {
  readonly file: string;
  readonly store: Store;
  readonly ends: Error[];
}

async function openBuilding({ file: inFolder }: { file(name: string): string }): Promise<Building> {
  const file = inFolder('x.db');
  const ends: Error[] = [];
  const store = await openServiceStore({ file }, { onWriterEnd: (error) => void ends.push(error) });
  await store.importRows(
    origin,
    Array.from({ length: FLATS }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} })),
  );
  return { file, store, ends, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

describe('writes of another thread', () => {
  it('leave this one free, and keep the order of a caller', async () => {
    await using folder = await tempFolder();
    await using building = await openBuilding(folder);
    const order: string[] = [];
    const bulk = async (name: string, analog: boolean) => {
      await building.store.amend(origin, setAll(analog), { atomic: true });
      order.push(name);
    };
    const bulks = Promise.all([bulk('first', false), bulk('second', true), bulk('third', false)]);
    let turns = 0;
    while (order.length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await bulks;
    expect(order).toEqual(['first', 'second', 'third']);
    // Each commit takes some 20 ms, and a turn much less than one.
    expect(turns).toBeGreaterThan(100);
  });

  it('are read only once they are committed, and then at once', async () => {
    await using folder = await tempFolder();
    await using building = await openBuilding(folder);
    const { store } = building;
    const read = async () => [
      (await store.findFlat({ by: 'id', flatId: 1 }))?.version,
      (await store.findFlat({ by: 'id', flatId: FLATS }))?.version,
      await store.changesHead(),
    ];
    const before = await store.changesHead();
    const seen = new Set<string>();
    let committed = false;
    const refused = store.amend(origin, [...setAll(true), set(FLATS + 1, true)], { atomic: true });
    const bulk = store.amend(origin, setAll(false), { atomic: true }).then(() => {
      committed = true;
    });
    while (!committed) {
      const [first, ...others] = await read();
      // Each of these reads is of a moment of its own.
      if (first === 2) expect(others).toEqual([2, before + FLATS]);
      seen.add(JSON.stringify(first));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await bulk;
    expect(new Set((await refused).slice(0, -1).map((it) => it.kind))).toEqual(new Set(['notApplied']));
    expect(seen.has('1')).toBe(true);
    expect(await read()).toEqual([2, 2, before + FLATS]);
  });

  it('are all on disk when the store is closed in the middle of a long one, and the log is gone', async () => {
    await using folder = await tempFolder();
    const { file, store, ends } = await openBuilding(folder);
    const long = store.amend(origin, setAll(false), { atomic: true });
    const next = store.amend(origin, [set(1, true)]);
    await store[Symbol.asyncDispose]();
    await Promise.all([long, next]);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(rows(file, 'select sum(version) - 1000 changes from flats')).toEqual([{ changes: FLATS + 1 }]);
    expect(ends).toEqual([]);
  });

  it('fail with the errors of the store', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    await using store = await openServiceStore({ file }, { onWriterEnd() {}, maxWaiting: 2, lockTimeoutMs: 50 });
    const other = new Sqlite(file);
    other.exec('begin immediate');
    const waiting = Promise.allSettled([1, 2, 3].map(() => store.amend(origin, [set(1, false)])));
    const errors = (await waiting).map((it) => (it.status === 'rejected' ? it.reason : undefined));
    other.close();
    expect(errors.every((it) => it instanceof StorageError)).toBe(true);
    expect(errors.map((it) => it.message).sort()).toEqual([
      'another process keeps the database locked',
      'another process keeps the database locked',
      'too many writes are waiting',
    ]);
  });

  it('are not promised once their thread has ended', async () => {
    await using folder = await tempFolder();
    const file = folder.file('x.db');
    const ends: Error[] = [];
    const store = await openServiceStore(
      { file },
      { onWriterEnd: (error) => void ends.push(error), writer: new URL('./mortal-writer.ts', import.meta.url) },
    );
    await expect(store.importRows(origin, [{ intercomId: 1, flat: 1, lines: {} }])).rejects.toThrow('the writer dies');
    await until(() => ends.length > 0);
    expect(ends.map((it) => it.message)).toEqual(['the writer dies']);
    await expect(store.amend(origin, [set(1, false)])).rejects.toThrow('the writer dies');
  });
});

import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/change.ts';
import { type ChangeFeed, createChangeFeed, type Following } from '../../src/operations/follow-changes.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { tempDatabase } from '../support/temp-database.ts';

/** A store with so many intercoms of one flat each, and with a count of how often its log is read. */
async function open(intercoms: number) {
  const database = await tempDatabase();
  const real = await database.open();
  await real.importRows(
    TESTER,
    Array.from({ length: intercoms }, (_, i) => ({ intercomId: i + 1, flat: 1, lines: {} })),
  );
  await database.forgetImports();
  const world = {
    /** Of its rows, and of where it ends. */
    reads: 0,
    /** Of the reads, those that are over. */
    done: 0,
    store: {
      ...real,
      async listChanges(...args: Parameters<Store['listChanges']>) {
        world.reads++;
        const page = await real.listChanges(...args);
        world.done++;
        return page;
      },
      async changesHead() {
        world.reads++;
        const head = await real.changesHead();
        world.done++;
        return head;
      },
    } as Store,
    async toggle(flatId: number, analog: boolean) {
      const ref = { by: 'id', flatId } as const;
      const update = { ref, patch: { analog }, acceptedVersions: undefined, reason: null };
      await real.amend({ actor: 'tester', channel: 'CLI' }, [update]);
    },
    async [Symbol.asyncDispose]() {
      await real[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
  return world;
}

/** Follows into an array; `done` resolves when the signal ended it. */
function collect(feed: ChangeFeed, following: Following, signal: AbortSignal) {
  const seqs: number[] = [];
  const follower = feed.follow(following, 0);
  signal.addEventListener('abort', follower.leave);
  const done = (async () => {
    for await (const { seq } of follower) seqs.push(seq);
  })();
  return { seqs, done };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a thousand followers of one intercom each', () => {
  it('share one read of the log for each change, and only the one concerned is woken', async () => {
    await using world = await open(1_000);
    const leave = new AbortController();
    const feed = createChangeFeed(world.store);
    const followers = Array.from({ length: 1_000 }, (_, i) => collect(feed, { intercomId: i + 1 }, leave.signal));
    await until(() => feed.tail === 0);
    // Each has read the log to its end before it waits.
    let idleTurns = 0;
    await until(() => {
      idleTurns = world.reads === world.done ? idleTurns + 1 : 0;
      return idleTurns > 100;
    });
    world.reads = 0;
    for (let i = 1; i <= 10; i++) {
      await world.toggle(i, false);
      await until(() => followers[i - 1]?.seqs.length === 1);
    }
    // For each change the read that finds it and the one that finds nothing more; and what the one who was woken looks up.
    expect(world.reads).toBeLessThanOrEqual(40);
    expect(followers.map((it) => it.seqs)).toEqual(Array.from({ length: 1_000 }, (_, i) => (i < 10 ? [i + 1] : [])));
    leave.abort();
    await Promise.all(followers.map((it) => it.done));
    await until(() => feed.tail === undefined);
  });
});

describe('fifty followers of everything', () => {
  it('share the reads of what comes while all of them are busy with the last change', async () => {
    await using world = await open(1);
    const feed = createChangeFeed(world.store);
    const followers = Array.from({ length: 50 }, () => feed.follow({}, 0));
    const seqsAfter = async (seq: number) => {
      const news = await Promise.all(followers.map((it) => it.changesAfter(seq)));
      return new Set(news.map((it) => it?.changes.map(({ seq }) => seq).join()));
    };
    const first = seqsAfter(0);
    await until(() => feed.tail === 0 && world.reads === world.done);
    await world.toggle(1, false);
    expect(await first).toEqual(new Set(['1']));
    world.reads = 0;
    await world.toggle(1, true);
    // The ring is heard, and what it makes the feed do is done.
    for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(await seqsAfter(1)).toEqual(new Set(['2']));
    expect(world.reads).toBeLessThan(10);
    for (const it of followers) it.leave();
  });
});

describe('a follower', () => {
  it('that leaves frees the tail at once, without a ring', async () => {
    await using world = await open(1);
    const leave = new AbortController();
    const feed = createChangeFeed(world.store);
    const follower = collect(feed, {}, leave.signal);
    await until(() => feed.tail !== undefined);
    leave.abort();
    await follower.done;
    expect(follower.seqs).toEqual([]);
  });

  it('that is slow misses nothing, and holds up nobody', async () => {
    await using world = await open(2);
    const leave = new AbortController();
    const feed = createChangeFeed(world.store);
    const fast = collect(feed, {}, leave.signal);
    const slow = feed.follow({}, 0)[Symbol.asyncIterator]();
    const first = slow.next();
    await until(() => feed.tail === 0);
    const seqs: (Change | undefined)[] = [];
    for (let i = 0; i < 1_200; i++) {
      await world.toggle(1 + (i % 2), Math.floor(i / 2) % 2 === 1);
      if (i === 0) seqs.push((await first).value as Change);
    }
    await until(() => fast.seqs.length === 1_200);
    while (seqs.length < 1_200) seqs.push((await slow.next()).value as Change);
    const all = Array.from({ length: 1_200 }, (_, i) => i + 1);
    expect([fast.seqs, seqs.map((it) => it?.seq)]).toEqual([all, all]);
    leave.abort();
    await fast.done;
  });

  it('is told when the log cannot be read', async () => {
    await using world = await open(1);
    const feed = createChangeFeed({ ...world.store, listChanges: () => Promise.reject(new Error('unreadable')) });
    await expect(feed.follow({}, 0).changesAfter(0)).rejects.toThrow('unreadable');
    expect(feed.tail).toBeUndefined();
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/change.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import { createChangeFeed } from '../../src/operations/follow-changes.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { type Cluster, POSTGRES_BIN, startCluster } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { until } from '../support/until.ts';

const origin = { actor: 'tester', channel: 'CLI' } as const;
const FLATS = 64;
const JUMP = 2 ** 32;

const storeOn = (...nodes: readonly Cluster[]): Promise<Store> =>
  openPostgresStore(`postgres://admin@${nodes.map((it) => `127.0.0.1:${it.port}`).join(',')}/postgres`, {
    patienceMs: 3_000,
    readTimeoutMs: 3_000,
  });

/** Writers whose every update has an id in its reason, and a follower of each store. */
function load(stores: readonly Store[], writers: number) {
  const answers = new Map<string, 'stored' | 'busy' | 'unknown' | 'fault'>();
  const times: number[] = [];
  const seen = stores.map((): Change[] => []);
  const followers: { leave(): void }[] = [];
  let isOver = false;
  let isFollowed = false;
  const work = stores.flatMap((store, s) =>
    Array.from({ length: writers }, async (_, caller) => {
      const flatId = 1 + s * writers + caller;
      let analog = true;
      for (let round = 0; !isOver; round++) {
        const reason = `${s}.${caller}.${round}`;
        try {
          const [outcome] = await store.amend(origin, [
            { ref: { by: 'id', flatId }, patch: { analog: !analog }, acceptedVersions: undefined, reason },
          ]);
          times.push(performance.now());
          answers.set(reason, outcome?.kind === 'written' ? 'stored' : 'fault');
          analog = !analog;
        } catch (error) {
          const problem = error instanceof StorageError ? error.problem : 'fault';
          answers.set(reason, problem === 'busy' ? 'busy' : problem === 'outcomeUnknown' ? 'unknown' : 'fault');
          if (problem === 'outcomeUnknown') {
            const flat = await store.findFlat({ by: 'id', flatId }).catch(() => undefined);
            analog = flat?.lines.analog ?? analog;
          }
        }
      }
    }),
  );
  const following = stores.map(async (store, index) => {
    for (let seq = 0; !isFollowed; ) {
      const follower = createChangeFeed(store).follow({}, seq);
      followers[index] = follower;
      try {
        for await (const change of follower) {
          seen[index]?.push(change);
          seq = change.seq;
        }
      } catch {
        // A client whose stream ends resumes after the last change that it has.
        await sleep(50);
      }
    }
  });
  return {
    answers,
    seen,
    /** The longest time without an answer, in milliseconds. */
    pause: () => Math.max(...times.map((it, index) => it - (times[index - 1] ?? it))),
    answered: () => times.length,
    async end() {
      isOver = true;
      await Promise.all(work);
      const head = await (stores[0] as Store).changesHead();
      await until(() => seen.every((it) => it.at(-1)?.seq === head));
      isFollowed = true;
      for (const it of followers) it.leave();
      await Promise.all(following);
    },
  };
}

async function allChanges(store: Store): Promise<readonly Change[]> {
  const all: Change[] = [];
  for (let after = 0; ; ) {
    const { rows, hasMore } = await store.listChanges({}, { limit: 5_000, fromEnd: false, after });
    all.push(...rows);
    if (!hasMore) return all;
    after = rows.at(-1)?.seq as number;
  }
}

async function setSynchronous(node: Cluster, names: string): Promise<void> {
  await node.sql(`alter system set synchronous_standby_names = '${names}'`);
  await node.sql('select pg_reload_conf()');
}

/** Switches the first flat over, and resolves once that is stored. */
async function change(store: Store): Promise<Change> {
  const flat = await store.findFlat({ by: 'id', flatId: 1 });
  const patch = { analog: !flat?.lines.analog };
  const [outcome] = await store.amend(origin, [
    { ref: { by: 'id', flatId: 1 }, patch, acceptedVersions: undefined, reason: null },
  ]);
  return (outcome as { readonly change: Change }).change;
}

describe.skipIf(POSTGRES_BIN === undefined)('a primary that dies', () => {
  it('loses nothing that was acknowledged, and followers miss and repeat nothing; what may be lost gets no other’s place', async () => {
    await using first = await startCluster({ name: 'first' });
    await using second = await startCluster({ standbyOf: first, name: 'second' });
    await setSynchronous(first, '*');
    await expect(storeOn(second)).rejects.toThrow('no server takes writes (127.0.0.1:');
    await expect(storeOn(second)).rejects.toThrow('it is a standby');
    const stores = [await storeOn(first, second), await storeOn(second, first)] as const;
    try {
      await stores[0].addIntercom(TESTER, {
        ...{ title: 'T', externalId: null, range: { from: 1, to: FLATS }, lines: ALL_AVAILABLE, reason: null },
      });
      const running = load(stores, 8);
      await until(() => running.answered() > 300);

      const killedAt = performance.now();
      first.kill();
      await sleep(300);
      second.run('pg_ctl', 'promote', '-D', `${second.folder}/data`, '-w');
      // How long the promotion itself takes is not the service's.
      const promotedAt = performance.now();
      const before = running.answered();
      await until(() => running.answered() > before);
      expect(performance.now() - promotedAt).toBeLessThan(10_000);
      await until(() => running.answered() > before + 300);
      await running.end();
      expect(running.pause() - (promotedAt - killedAt)).toBeLessThan(10_000);

      const stored = await allChanges(stores[0]);
      const reasons = stored.map((it) => it.reason as string);
      expect(new Set(reasons).size).toBe(reasons.length);
      const kinds = Map.groupBy(running.answers.keys(), (it) => running.answers.get(it));
      expect(kinds.get('fault') ?? []).toEqual([]);
      const known = new Set(reasons);
      expect((kinds.get('stored') ?? []).filter((it) => !known.has(it))).toEqual([]);
      expect((kinds.get('busy') ?? []).filter((it) => known.has(it))).toEqual([]);
      for (const seen of running.seen) expect(seen.map((it) => it.seq)).toEqual(stored.map((it) => it.seq));
      // The log has jumped once, and goes on after that.
      const jumps = stored.filter((it, index) => index > 0 && it.seq - (stored[index - 1] as Change).seq > 1);
      expect(jumps).toHaveLength(1);
      expect(jumps[0]?.seq).toBeGreaterThan(JUMP);

      // The old primary comes back as one, and the new one is frozen: nobody writes to the old history.
      await first.start();
      await setSynchronous(first, '');
      second.signal('SIGSTOP');
      const outcome = await change(stores[1]).catch((error) => error);
      second.signal('SIGCONT');
      expect(outcome).toMatchObject({ name: 'StorageError', problem: 'busy' });
      expect((await first.sql('select max(seq)::float8 last from changes')).rows[0].last).toBeLessThan(JUMP);
      await until(() => change(stores[1]).then(Boolean, () => false), 100);

      // A promotion that loses commits: what was seen of them is no position of another change.
      await using third = await startCluster({ standbyOf: second, name: 'third' });
      await using late = await storeOn(second, third);
      await change(late);
      await until(
        async () =>
          (await third.sql('select max(seq)::float8 last from changes')).rows[0].last === (await late.changesHead()),
      );
      third.kill();
      const kept = await late.changesHead();
      for (let i = 0; i < 5; i++) await change(late);
      const lost = await late.changesHead();
      expect(lost).toBe(kept + 5);
      second.kill();
      await third.start();
      third.run('pg_ctl', 'promote', '-D', `${third.folder}/data`, '-w');
      await until(() => change(late).then(Boolean, () => false), 100);
      const page = { limit: 10, fromEnd: false };
      expect((await late.listChanges({}, { ...page, after: kept })).rows[0]?.seq).toBeGreaterThan(lost + JUMP / 2);
      const afterLost = await late.listChanges({}, { ...page, after: lost });
      expect(afterLost).toEqual(await late.listChanges({}, { ...page, after: kept }));
      expect(afterLost.rows).toHaveLength(1);
    } finally {
      for (const store of stores) await store[Symbol.asyncDispose]();
    }
  });
});

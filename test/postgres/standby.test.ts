import { expect, it } from 'vitest';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { StorageError } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { POSTGRES_BIN, startCluster } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { until } from '../support/until.ts';

const WAITING = "select pid from pg_stat_activity where wait_event = 'SyncRep'";

it.skipIf(POSTGRES_BIN === undefined)(
  'a commit whose standby is gone may have been stored: nobody cancels it, and its connection is closed',
  async () => {
    await using server = await startCluster();
    const waitFor = async (standby: string) => {
      await server.sql(`alter system set synchronous_standby_names = '${standby}'`);
      await server.sql('select pg_reload_conf()');
      await until(
        async () => (await server.sql('show synchronous_standby_names')).rows[0].synchronous_standby_names === standby,
      );
    };
    const waiting = async () => (await server.sql(WAITING)).rows.map(({ pid }) => pid as number);
    const draft = { title: 'T', externalId: null, reason: null, range: { from: 1, to: 9 }, lines: ALL_AVAILABLE };
    // Longer than the machine takes for many more statements than a write has.
    const begun = performance.now();
    {
      await using first = await openPostgresStore(server.url());
      await first.addIntercom(TESTER, draft);
    }
    const patienceMs = 1_000 + performance.now() - begun;
    await using store = await openPostgresStore(server.url(), { patienceMs, startPatienceMs: 60_000 });
    const amend = (flatId: number, analog: boolean) =>
      store.amend({ actor: 'tester', channel: 'CLI' }, [
        { ref: { by: 'id', flatId }, patch: { analog }, acceptedVersions: undefined, reason: null },
      ]);
    const outcomeOf = (write: Promise<unknown>) =>
      write.then(
        () => 'ok',
        (error: StorageError) => error.problem,
      );
    const isAnalog = async (flatId: number) => (await store.findFlat({ by: 'id', flatId }))?.lines.analog;
    await amend(9, false);

    // Longer than its deadline.
    await waitFor('gone');
    const late = outcomeOf(amend(1, false));
    await until(async () => (await waiting()).length > 0);
    // The other one waits for the head of the log, and is not stored.
    expect(await outcomeOf(store.addIntercom(TESTER, draft))).toBe('busy');
    expect(await late).toBe('outcomeUnknown');
    expect((await waiting()).length).toBeGreaterThan(0);
    await waitFor('');
    await until(async () => (await waiting()).length === 0);
    expect([await isAnalog(1), await store.countIntercoms({})]).toEqual([false, { count: 1, isExact: true }]);
    await until(async () => (await outcomeOf(amend(2, false))) === 'ok');

    // Its wait is cancelled by the operator: it is on this server alone.
    await waitFor('gone');
    const cancelled = outcomeOf(amend(3, false));
    await until(async () => (await waiting()).length > 0);
    const [pid] = await waiting();
    await server.sql(`select pg_cancel_backend(${pid})`);
    expect(await cancelled).toBe('outcomeUnknown');
    expect(await isAnalog(3)).toBe(false);
    await until(async () => (await server.sql(`select from pg_stat_activity where pid = ${pid}`)).rows.length === 0);
    await waitFor('');
    expect(await outcomeOf(amend(4, false))).toBe('ok');
  },
);

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { run as backup } from '../../src/cli/commands/backup.ts';
import { run as copy } from '../../src/cli/commands/copy.ts';
import { run as exportFlats } from '../../src/cli/commands/export.ts';
import { run as importFlats } from '../../src/cli/commands/import.ts';
import { run as prune } from '../../src/cli/commands/prune.ts';
import { run as token } from '../../src/cli/commands/token.ts';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { newDatabase, POSTGRES_BIN } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { desk } from '../support/run-cli.ts';

const ALL = { limit: 1_000, fromEnd: false } as const;

async function everything(store: Store): Promise<unknown[]> {
  const ids = Array.from({ length: 60 }, (_, i) => i + 1);
  return [
    store.epoch,
    await store.listFlats({ lines: {} }, { by: 'UPDATED', descending: true }, ALL),
    await store.listIntercoms({}, { by: 'ID', descending: false }, ALL),
    await store.keysOf(ids),
    await store.usersOf(ids),
    await store.listChanges({}, ALL),
    await store.changesHead(),
    await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER),
    await store.listTokens(),
    await store.findToken(HASH),
  ];
}

const HASH = randomBytes(32);

it.skipIf(POSTGRES_BIN === undefined)(
  'everything moves from a file to PostgreSQL and back, and goes on there',
  async () => {
    await using at = await desk();
    const file = at.path('a.db');
    {
      let now = 5_000;
      await using store = openStore({ file }, { now: () => now });
      await store.addIntercom(TESTER, {
        title: 'Ёлка',
        externalId: 'x',
        range: { from: 1, to: 40 },
        lines: ALL_AVAILABLE,
        reason: null,
      });
      await store.addIntercom(TESTER, {
        title: 'Gone',
        externalId: null,
        range: { from: 1, to: 9 },
        lines: ALL_AVAILABLE,
        reason: null,
      });
      await store.amendIntercom(TESTER, {
        kind: 'delete',
        ref: { by: 'id', intercomId: 2 },
        force: true,
        reason: null,
      });
      await store.importRows(TESTER, [
        { intercomId: 7, flat: 1, lines: { analog: false }, keys: ['A', 'ключ'], users: ['anna'] },
      ]);
      for (let id = 1; id <= 12; id++) {
        now += id === 6 ? -900 : 10;
        const update = {
          ref: { by: 'id' as const, flatId: id },
          patch: { analog: false },
          acceptedVersions: undefined,
        };
        await store.amend({ actor: 'Ж', channel: 'REST' }, [{ ...update, reason: id % 2 ? "it's" : null }]);
      }
      await store.prune(2, 10);
      await store.addToken('billing', 'write', HASH, 4_102_444_800_000);
      await store.addToken('gone', 'read', randomBytes(32), null);
      await store.revokeToken('gone');
    }
    await using before = openStore({ file });
    const url = await newDatabase();
    const moved = await at.run(copy, ['--from', `file:${file}`, '--to', url, '--json']);
    expect([moved.code, moved.err]).toEqual([0, '']);
    expect(JSON.parse(moved.out)).toMatchObject({
      intercoms: 2,
      flats: 41,
      keys: 2,
      changes: 12,
      clock_steps: 1,
      tokens: 2,
    });
    expect(moved.out).not.toContain('admin@');
    {
      await using store = await openPostgresStore(url);
      expect(await everything(store)).toEqual(await everything(before));
    }
    expect((await at.run(copy, ['--from', `file:${file}`, '--to', url])).err).toContain('It is not empty');

    const back = at.path('b.db');
    expect((await at.run(copy, ['--from', url, '--to', `file:${back}`])).code).toBe(0);
    {
      await using store = openStore({ file: back });
      expect(await everything(store)).toEqual(await everything(before));
    }
    await using store = await openPostgresStore(url);
    const draft = { title: 'New', externalId: null, range: { from: 1, to: 2 }, lines: ALL_AVAILABLE, reason: null };
    // The ids of what is gone are not given again.
    expect(await store.addIntercom(TESTER, draft)).toMatchObject({ kind: 'done', intercom: { id: 8 } });
    const update = { ref: { by: 'id' as const, flatId: 20 }, patch: { analog: false }, acceptedVersions: undefined };
    expect(await store.amend({ actor: 'a', channel: 'CLI' }, [{ ...update, reason: null }])).toMatchObject([
      { kind: 'written', change: { seq: 19 } },
    ]);
  },
);

it.skipIf(POSTGRES_BIN === undefined)('the commands work on PostgreSQL as on a file', async () => {
  await using at = await desk();
  const env = { DATABASE_URL: await newDatabase() };
  const csv = 'intercom_id,flat,is_analog_line_available,keys\n1,1,false,A\n1,2,true,\n1,x,,\n';
  const dry = await at.run(importFlats, ['-', '--dry-run', '--json'], { input: csv, env });
  expect(JSON.parse(dry.out)).toMatchObject({ dryRun: true, flatsCreated: 2, refused: 1 });
  const first = await at.run(importFlats, ['-', '--json'], { input: csv, env });
  expect([first.code, JSON.parse(first.out)]).toMatchObject([1, { flatsCreated: 2, refused: 1 }]);
  const second = await at.run(importFlats, ['-', '--json', '--dry-run'], { input: csv, env });
  expect(JSON.parse(second.out)).toMatchObject({ flatsCreated: 0, unchanged: 2 });
  const exported = await at.run(exportFlats, [], { env });
  expect(exported.code).toBe(0);
  expect(exported.out.split('\n')).toHaveLength(4);
  expect((await at.run(token, ['create', 'billing', '--scope', 'write'], { env })).out).toMatch(/^ifl_/);
  expect((await at.run(token, ['list'], { env })).out).toContain('billing');
  expect(JSON.parse((await at.run(prune, ['--older-than', '1h', '--json'], { env })).out)).toMatchObject({ pruned: 0 });
  const refused = await at.run(backup, [at.path('x.db')], { env });
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(
      /^Cannot back up it: postgres:\/\/127.0.0.1:\d+\/\w+ is no file\. PostgreSQL has its own programs for that: pg_basebackup/,
    ),
  ]);
});

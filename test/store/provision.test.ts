import { expect, it } from 'vitest';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import type { Store } from '../../src/store/store.ts';
import { disagreements } from '../fuzz/agreement.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const draft = (from: number, to: number) => ({
  ...{ title: 'T', externalId: null, range: { from, to }, lines: ALL_AVAILABLE, reason: null },
});

const ALL = { limit: 500, fromEnd: false } as const;

/** The first and the last flat of an intercom, and how many it has. */
async function endsOf(store: Store, intercomId: number) {
  const list = (fromEnd: boolean) =>
    store.listFlats({ intercomId, lines: {} }, { by: 'INTERCOM', descending: false }, { limit: 1, fromEnd });
  const [first, last] = [(await list(false)).rows[0], (await list(true)).rows[0]];
  return { from: first?.flat, to: last?.flat, count: (await store.countFlats({ intercomId, lines: {} })).count };
}

/** Everything that provisioning writes, but for the ids that come next. */
const everything = (file: string) =>
  ['intercoms', 'flats', 'keys', 'users', 'flat_users', 'line_counts', 'provision_changes'].map((it) =>
    rows(file, `select * from ${it}`),
  );

it('leaves nothing half done when the storage fails in the middle of it', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using store = openStore({ file });
  await store.addIntercom(TESTER, draft(1, 20));
  const link = { link: 'users', attach: true, reason: null } as const;
  await store.changeLinks(TESTER, { ...link, ref: { by: 'id', flatId: 10 }, names: ['anna'] });
  const client = connect(file);
  client.exec(`
    create trigger no_50 before insert on flats when new.flat = 50 begin select raise(abort, 'no 50'); end;
    create trigger no_15 before delete on flats when old.flat = 15 begin select raise(abort, 'no 15'); end;
    create trigger no_boris before insert on flat_users
      when (select login from users where id = new.user_id) = 'boris' begin select raise(abort, 'no boris'); end`);
  client.close();
  const before = everything(file);
  const amend = (from: number, to: number) =>
    store.amendIntercom(TESTER, {
      ...{ kind: 'update', ref: { by: 'id', intercomId: 1 }, title: 'New', externalId: undefined },
      ...{ flatFrom: from, flatTo: to, lines: ALL_AVAILABLE, force: true, reason: null },
    });
  const results = await Promise.allSettled([
    store.addIntercom(TESTER, draft(1, 60)),
    amend(1, 60),
    amend(1, 5),
    // What goes is gone before what comes fails.
    amend(12, 60),
    store.amendIntercom(TESTER, { kind: 'delete', ref: { by: 'id', intercomId: 1 }, force: true, reason: null }),
    store.changeLinks(TESTER, { ...link, ref: { by: 'id', flatId: 1 }, names: ['clara', 'boris'] }),
  ]);
  expect(results.map((it) => it.status === 'rejected' && (it.reason as Error).message)).toEqual([
    ...['no 50', 'no 50', 'no 15', 'no 50', 'no 15', 'no boris'],
  ]);
  expect(everything(file)).toEqual(before);
});

it('leaves every intercom whole when the server is killed while intercoms come, grow and go', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await using server = await spawnServer(file);
  const made: number[] = [];
  const send = async (verb: 'create' | 'update' | 'delete', input: string) => {
    const success = `${verb.replace(/^./, (it) => it.toUpperCase())}IntercomSuccess`;
    const query = `mutation { it: ${verb}Intercom(input: { ${input} }) { ... on ${success} { intercom { intercomId } } } }`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return Number(
      ((await response.json()) as { data: { it: { intercom: { intercomId: string } } } }).data.it.intercom.intercomId,
    );
  };
  const clients = Array.from({ length: 4 }, async () => {
    try {
      for (;;) {
        const id = await send('create', 'title: "T", flatFrom: 1, flatTo: 900');
        await send('update', `intercomId: ${id}, flatFrom: 301, flatTo: 1200`);
        made.push(id);
        if (id % 2 === 0) await send('delete', `intercomId: ${id}`);
      }
    } catch {
      // The server is gone.
    }
  });
  // Those with an odd id stay.
  await until(() => made.length >= 6 && made.filter((it) => it % 2 === 1).length > 2, 1);
  server.child.kill('SIGKILL');
  await server.exit;
  await Promise.all(clients);

  await using store = openStore({ file });
  const { rows: intercoms } = await store.listIntercoms({}, { by: 'ID', descending: false }, ALL);
  expect(intercoms.length).toBeGreaterThan(2);
  for (const { id, range } of intercoms) expect(await endsOf(store, id)).toEqual({ ...range, count: 900 });
  const kept = await store.intercomsById(made);
  for (const id of made.filter((it) => it % 2 === 1))
    expect(kept.get(id)).toMatchObject({ range: { from: 301, to: 1_200 } });
  const { flats } = await store.lineStatistics(undefined, 0, Number.MAX_SAFE_INTEGER);
  expect(flats).toBe(intercoms.length * 900);
  // The next start deletes what nobody sees.
  await using _next = await spawnServer(file);
  await until(() => (rows(file, 'select * from hidden_flats') as unknown[]).length === 0);
  expect(rows(file, 'select count(*) flats from flats')).toEqual([{ flats }]);
  expect(rows(file, 'select count(*) intercoms from intercoms')).toEqual([{ intercoms: intercoms.length }]);
  expect(disagreements(file)).toEqual([]);
});

import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { everythingIn } from './support/everything.ts';
import { underLoad } from './support/load.ts';
import { rows } from './support/rows.ts';
import { type Desk, desk } from './support/run-cli.ts';
import { spawnServer } from './support/spawn.ts';
import { subscribe } from './support/sse.ts';

async function ask(url: string, query: string, variables: object = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

async function npmRun(d: Desk, ...args: string[]): Promise<string> {
  const { code, out, err } = await d.start(...args).ended;
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
  return out;
}

const CREATE = `mutation ($input: CreateIntercomInput!) {
  createIntercom(input: $input) { ... on CreateIntercomSuccess { flatsAdded intercom { intercomId } } }
}`;
const LINK = `mutation ($keys: AttachKeysInput!, $users: AttachUsersInput!) {
  attachKeys(input: $keys) { ... on AttachKeysSuccess { attached } }
  attachUsers(input: $users) { ... on AttachUsersSuccess { attached } }
}`;
const SWITCH = `mutation ($input: UpdateIntercomFlatsWhereInput!) {
  updateIntercomFlatsWhere(input: $input) { ... on UpdateIntercomFlatsWhereSuccess { matched changed stoppedBy } }
}`;
const FOLLOW = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor } }';

/** What an export carries: all but versions, times and the ids of users. */
const carried = (file: string) => ({
  intercoms: rows(file, 'select id, title, external_id, flat_from, flat_to from intercoms order by id'),
  flats: rows(file, 'select id, intercom_id, flat, lines from flats order by id'),
  keys: rows(file, 'select flat_id, code from keys order by 1, 2'),
  users: rows(file, 'select flat_id, login from flat_users join users on users.id = user_id order by 1, 2'),
  counts: rows(file, 'select lines, flats from line_counts order by 1'),
});

it('runs the life of a database with the server up: create, link, export, wipe, import; back up, restore; prune', async () => {
  await using d = await desk();
  let afterBackup: ReturnType<typeof everythingIn>;
  {
    await using server = await spawnServer(d.database);

    // Create and link.
    const towers = [
      { title: '=12 Garden Street', externalId: 'crm;1', flatFrom: 1, flatTo: 300 },
      { title: 'Ёлочная, "7"', flatFrom: 40, flatTo: 40, lines: { isAnalogLineAvailable: false } },
    ];
    for (const [i, input] of towers.entries()) {
      expect(await ask(server.url, CREATE, { input })).toEqual({
        createIntercom: { flatsAdded: input.flatTo - input.flatFrom + 1, intercom: { intercomId: String(i + 1) } },
      });
    }
    const flat = { intercomId: 1, flat: 10 };
    const links = { keys: { ...flat, keys: ['A-1', '+7'] }, users: { ...flat, users: ['анна', '@boris'] } };
    expect(await ask(server.url, LINK, links)).toEqual({ attachKeys: { attached: 2 }, attachUsers: { attached: 2 } });
    const input = { filter: { intercomId: 1 }, isLandlineSipLineAvailable: false, reason: 'month start' };
    expect(await ask(server.url, SWITCH, { input })).toEqual({
      updateIntercomFlatsWhere: { matched: 300, changed: 300, stoppedBy: null },
    });

    // Export; the import of it changes nothing.
    const before = carried(d.database);
    await npmRun(d, 'export', '--out', 'flats.csv');
    expect(JSON.parse(await npmRun(d, 'import', '--json', 'flats.csv'))).toMatchObject({ rows: 301, unchanged: 301 });
    expect(carried(d.database)).toEqual(before);

    // Wipe, and import brings all back.
    const client = new Sqlite(d.database, { timeout: 5_000 });
    client.exec(
      'pragma foreign_keys = on; begin immediate; delete from flats; delete from users; delete from intercoms; commit',
    );
    client.close();
    expect(await ask(server.url, '{ intercoms { totalCount } }')).toEqual({ intercoms: { totalCount: 0 } });
    expect(JSON.parse(await npmRun(d, 'import', '--json', 'flats.csv'))).toMatchObject({ rows: 301, refused: 0 });
    expect(carried(d.database)).toEqual(before);
    await npmRun(d, 'export', '--out', 'again.csv');
    expect(await d.read('again.csv')).toBe(await d.read('flats.csv'));

    // Back up under load.
    await using load = underLoad(server.url, 300);
    await load.more(50);
    await npmRun(d, 'backup', 'backup.db');
    await load.more(50);
    await load.stop();
    afterBackup = everythingIn(d.database);
    server.child.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
  }

  // Restore: what the backup holds, and nothing of what came after it.
  const backedUp = everythingIn(d.path('backup.db'));
  expect(backedUp.changes?.length).toBeLessThan(afterBackup.changes?.length as number);
  expect(afterBackup.changes?.slice(0, backedUp.changes?.length)).toEqual(backedUp.changes);
  await npmRun(d, 'restore', 'backup.db');
  expect(everythingIn(d.database)).toEqual(backedUp);

  // Prune with a follower attached: it gets every new change, and whoever is behind is told so.
  const client = new Sqlite(d.database);
  for (const table of ['changes', 'provision_changes']) {
    client.exec(`update ${table} set changed_at = changed_at - 500 * 86400000`);
  }
  client.close();
  await using server = await spawnServer(d.database);
  const { changes } = (await ask(server.url, '{ changes(first: 1) { edges { cursor } } changesHead }')) as {
    changes: { edges: { cursor: string }[] };
  };
  const first = changes.edges[0]?.cursor as string;
  const follower = await subscribe(server.url, FOLLOW);
  const next = follower.events.next();
  expect(JSON.parse(await npmRun(d, 'prune', '--older-than', '400d', '--json'))).toMatchObject({
    pruned: [...(backedUp.changes ?? []), ...(backedUp.provision_changes ?? [])].length - 1,
  });
  await using load = underLoad(server.url, 1, 1);
  await load.more(1);
  await load.stop();
  expect((await next).value).toEqual({ data: { intercomFlatChanged: { cursor: expect.any(String) } } });
  follower.close();
  const late = await subscribe(server.url, FOLLOW, { after: first });
  expect((await late.events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] });
});

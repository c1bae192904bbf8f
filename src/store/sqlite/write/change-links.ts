import type { Database } from 'better-sqlite3';
import type { Missing } from '../../../domain/flat.ts';
import type { LinkChange } from '../../../domain/link-change.ts';
import type { Linked } from '../../store.ts';
import type { FlatQueries } from './flats.ts';

/** An unknown login is a new user; a user without flats stays, as after an import. */
const NEW_USERS =
  'insert into users (login) select value from json_each(@names) where true on conflict (login) do nothing';

const ATTACH = {
  keys: 'insert into keys (flat_id, code) select @flatId, value from json_each(@names) where true on conflict do nothing',
  users: `insert into flat_users (flat_id, user_id)
    select @flatId, u.id from json_each(@names) j cross join users u on u.login = j.value where true on conflict do nothing`,
};

const DETACH = {
  keys: 'delete from keys where flat_id = @flatId and code in (select value from json_each(@names))',
  users: `delete from flat_users where flat_id = @flatId
    and user_id in (select u.id from json_each(@names) j cross join users u on u.login = j.value)`,
};

/** Attaches names or detaches them, inside a transaction. */
export function createLinkChanges(client: Database, flats: FlatQueries): (change: LinkChange) => Linked | Missing {
  const newUsers = client.prepare(NEW_USERS);
  const attach = { keys: client.prepare(ATTACH.keys), users: client.prepare(ATTACH.users) };
  const detach = { keys: client.prepare(DETACH.keys), users: client.prepare(DETACH.users) };

  return (change) => {
    const found = flats.find(change.ref);
    if (found.kind !== 'flat') return found;
    const names = JSON.stringify(change.names);
    if (change.attach && change.link === 'users') newUsers.run({ names });
    const statement = (change.attach ? attach : detach)[change.link];
    const count = statement.run({ names, flatId: found.flat.id }).changes;
    const field = change.link === 'keys' ? 'keyCount' : 'usersCount';
    const flat = { ...found.flat, [field]: found.flat[field] + (change.attach ? count : -count) };
    return { kind: 'done', flat, count };
  };
}

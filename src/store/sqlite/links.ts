import type { Database } from 'better-sqlite3';
import { eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow } from '../../domain/flat-row.ts';
import { compile } from './compile.ts';
import { placeholders } from './placeholders.ts';
import { flatUsers, keys, users } from './tables.ts';

type Links = Pick<FlatRow, 'keys' | 'users'>;

interface LinkWriter {
  /** Gives keys and users to a flat that has none yet, where the row gives them. */
  add(flatId: number, links: Links): void;
  /** Replaces the keys and users of a flat, where the row gives them; tells whether the flat has others now. */
  replace(flatId: number, links: Links): boolean;
}

export function linkWriter(client: Database, db: BetterSQLite3Database): LinkWriter {
  const flatId = sql.placeholder('flatId');
  const keysOf = compile<string>(client, db.select({ code: keys.code }).from(keys).where(eq(keys.flatId, flatId)));
  const clearKeys = compile(client, db.delete(keys).where(eq(keys.flatId, flatId)));
  const addKey = compile(client, db.insert(keys).values(placeholders(['flatId', 'code'])));
  const usersOf = compile<string>(
    client,
    db
      .select({ login: users.login })
      .from(flatUsers)
      .innerJoin(users, eq(users.id, flatUsers.userId))
      .where(eq(flatUsers.flatId, flatId)),
  );
  const clearUsers = compile(client, db.delete(flatUsers).where(eq(flatUsers.flatId, flatId)));
  // Most logins of an import are new, and then this is one statement less than looking first.
  const makeUser = client.prepare('insert into users (login) values (?) on conflict (login) do nothing');
  const addUser = client.prepare('insert into flat_users (flat_id, user_id) select ?, id from users where login = ?');

  function addKeys(flatId: number, codes: readonly string[]): void {
    for (const code of codes) addKey.run({ flatId, code });
  }
  function addUsers(flatId: number, logins: readonly string[]): void {
    for (const login of logins) {
      makeUser.run(login);
      addUser.run(flatId, login);
    }
  }

  return {
    add(flatId, { keys = [], users = [] }) {
      addKeys(flatId, keys);
      addUsers(flatId, users);
    },
    replace(flatId, { keys, users }) {
      let changed = false;
      if (keys && differs(keys, keysOf.list({ flatId }))) {
        clearKeys.run({ flatId });
        addKeys(flatId, keys);
        changed = true;
      }
      if (users && differs(users, usersOf.list({ flatId }))) {
        clearUsers.run({ flatId });
        addUsers(flatId, users);
        changed = true;
      }
      return changed;
    },
  };
}

function differs(wanted: readonly string[], stored: readonly string[]): boolean {
  const names = new Set(stored);
  return wanted.length !== names.size || wanted.some((name) => !names.has(name));
}

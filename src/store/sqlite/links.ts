import type { Database } from 'better-sqlite3';
import { eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow } from '../../domain/flat-row.ts';
import { compile } from './compile.ts';
import { placeholders } from './placeholders.ts';
import { flatUsers, keys, users } from './tables.ts';

type Links = Pick<FlatRow, 'keys' | 'users'>;

/** Replaces the keys and users of a flat, where the row gives them; tells whether the flat has others now. */
export function linkReplacer(client: Database, db: BetterSQLite3Database): (flatId: number, links: Links) => boolean {
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
  const userByLogin = compile<number>(
    client,
    db
      .select({ id: users.id })
      .from(users)
      .where(eq(users.login, sql.placeholder('login'))),
  );
  const insertUser = compile(client, db.insert(users).values(placeholders(['login'])));
  const addUser = compile(client, db.insert(flatUsers).values(placeholders(['flatId', 'userId'])));

  return (flatId, links) => {
    let changed = false;
    if (links.keys && differs(links.keys, keysOf.list({ flatId }))) {
      clearKeys.run({ flatId });
      for (const code of links.keys) addKey.run({ flatId, code });
      changed = true;
    }
    if (links.users && differs(links.users, usersOf.list({ flatId }))) {
      clearUsers.run({ flatId });
      for (const login of links.users) {
        const userId = userByLogin.first({ login }) ?? Number(insertUser.run({ login }).lastInsertRowid);
        addUser.run({ flatId, userId });
      }
      changed = true;
    }
    return changed;
  };
}

function differs(wanted: readonly string[], stored: readonly string[]): boolean {
  const names = new Set(stored);
  return wanted.length !== names.size || wanted.some((name) => !names.has(name));
}

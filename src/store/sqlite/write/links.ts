import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow } from '../../../domain/import-row.ts';
import { differencesOf, type LinksDifference } from '../../../domain/log-drafts.ts';
import { compile } from '../compile.ts';
import { eq, sql } from '../drizzle.ts';
import { flatUsers, keys, users } from '../tables.ts';

type Links = Pick<FlatRow, 'keys' | 'users'>;

/** Writes the links of flats inside one transaction; `end` comes last. */
export interface LinkWriter {
  /** Gives keys and users to a flat that has none yet, where the row gives them. */
  add(flatId: number, links: Links): void;
  /** Replaces the keys and users of a flat, where the row gives them; returns which links came and went, if any did. */
  replace(flatId: number, links: Links): readonly LinksDifference[];
  end(): void;
}

export function createLinkWriters(client: Database, db: BetterSQLite3Database): () => LinkWriter {
  const flatId = sql.placeholder('flatId');
  const keysOf = compile(client, db.select({ code: keys.code }).from(keys).where(eq(keys.flatId, flatId)), [
    'flatId',
  ]).pluck();
  const clearKeys = compile(client, db.delete(keys).where(eq(keys.flatId, flatId)), ['flatId']);
  const usersOf = compile(
    client,
    db
      .select({ login: users.login })
      .from(flatUsers)
      .innerJoin(users, eq(users.id, flatUsers.userId))
      .where(eq(flatUsers.flatId, flatId)),
    ['flatId'],
  ).pluck();
  const clearUsers = compile(client, db.delete(flatUsers).where(eq(flatUsers.flatId, flatId)), ['flatId']);
  // A statement for each link would cost more than the link does, so these take pairs of a flat's id and a name as JSON.
  const pairs = sql`json_each(${sql.placeholder('pairs')})`;
  const addKeys = compile(client, db.insert(keys).select(sql`select value ->> 0, value ->> 1 from ${pairs}`), [
    'pairs',
  ]);
  const createUsers = compile(
    client,
    db.insert(users).select(sql`select null, value ->> 1 from ${pairs} where true`).onConflictDoNothing(),
    ['pairs'],
  );
  const addUsers = compile(
    client,
    db
      .insert(flatUsers)
      .select(
        sql`select j.value ->> 0, ${users.id} from ${pairs} j cross join ${users} on ${users.login} = j.value ->> 1`,
      ),
    ['pairs'],
  );

  return () => {
    const newKeys: [number, string][] = [];
    const newUsers: [number, string][] = [];

    function write(): void {
      if (newKeys.length > 0) addKeys.run(JSON.stringify(newKeys.splice(0)));
      if (newUsers.length === 0) return;
      const pairs = JSON.stringify(newUsers.splice(0));
      createUsers.run(pairs);
      addUsers.run(pairs);
    }

    function add(flatId: number, links: Links): void {
      for (const code of links.keys ?? []) newKeys.push([flatId, code]);
      for (const login of links.users ?? []) newUsers.push([flatId, login]);
    }

    return {
      add,
      replace(flatId, { keys, users }) {
        // The flat may have been given some a row ago.
        write();
        const ofKeys = keys ? differencesOf('keys', keys, keysOf.all(flatId) as string[]) : [];
        const ofUsers = users ? differencesOf('users', users, usersOf.all(flatId) as string[]) : [];
        if (ofKeys.length > 0) clearKeys.run(flatId);
        if (ofUsers.length > 0) clearUsers.run(flatId);
        add(flatId, { ...(keys && ofKeys.length > 0 && { keys }), ...(users && ofUsers.length > 0 && { users }) });
        return [...ofKeys, ...ofUsers];
      },
      end: write,
    };
  };
}

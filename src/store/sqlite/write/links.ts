import type { Database } from 'better-sqlite3';
import type { FlatRow } from '../../../domain/import-row.ts';

type Links = Pick<FlatRow, 'keys' | 'users'>;

/** Writes the links of flats inside one transaction; `end` comes last. */
export interface LinkWriter {
  /** Gives keys and users to a flat that has none yet, where the row gives them. */
  add(flatId: number, links: Links): void;
  /** Replaces the keys and users of a flat, where the row gives them; returns whether the flat has others now. */
  replace(flatId: number, links: Links): boolean;
  end(): void;
}

export function createLinkWriters(client: Database): () => LinkWriter {
  const keysOf = client.prepare('select code from keys where flat_id = ?').pluck();
  const clearKeys = client.prepare('delete from keys where flat_id = ?');
  const usersOf = client
    .prepare('select login from flat_users join users on users.id = user_id where flat_id = ?')
    .pluck();
  const clearUsers = client.prepare('delete from flat_users where flat_id = ?');
  // A statement for each link would cost more than the link does, so these take pairs of a flat's id and a name as JSON.
  const addKeys = client.prepare('insert into keys (flat_id, code) select value ->> 0, value ->> 1 from json_each(?)');
  const makeUsers = client.prepare(
    'insert into users (login) select value ->> 1 from json_each(?) where true on conflict (login) do nothing',
  );
  const addUsers = client.prepare(
    `insert into flat_users (flat_id, user_id) select j.value ->> 0, u.id
      from json_each(?) j cross join users u on u.login = j.value ->> 1`,
  );

  return () => {
    const keys: [number, string][] = [];
    const users: [number, string][] = [];

    function write(): void {
      if (keys.length > 0) addKeys.run(JSON.stringify(keys.splice(0)));
      if (users.length === 0) return;
      const pairs = JSON.stringify(users.splice(0));
      makeUsers.run(pairs);
      addUsers.run(pairs);
    }

    function add(flatId: number, links: Links): void {
      for (const code of links.keys ?? []) keys.push([flatId, code]);
      for (const login of links.users ?? []) users.push([flatId, login]);
    }

    return {
      add,
      replace(flatId, { keys, users }) {
        // The flat may have been given some a row ago.
        write();
        const others: { keys?: readonly string[]; users?: readonly string[] } = {};
        if (keys && differs(keys, keysOf.all(flatId) as string[])) {
          clearKeys.run(flatId);
          others.keys = keys;
        }
        if (users && differs(users, usersOf.all(flatId) as string[])) {
          clearUsers.run(flatId);
          others.users = users;
        }
        add(flatId, others);
        return others.keys !== undefined || others.users !== undefined;
      },
      end: write,
    };
  };
}

function differs(wanted: readonly string[], stored: readonly string[]): boolean {
  const names = new Set(stored);
  return wanted.length !== names.size || wanted.some((name) => !names.has(name));
}

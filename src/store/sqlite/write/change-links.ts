import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { LINK_KINDS, type Origin } from '../../../domain/change.ts';
import type { Missing } from '../../../domain/flat.ts';
import type { LinkChange } from '../../../domain/link-change.ts';
import type { Linked } from '../../store.ts';
import { compile } from '../compile.ts';
import { and, eq, sql } from '../drizzle.ts';
import { flatUsers, keys, users } from '../tables.ts';
import type { ChangeLog } from './change-log.ts';
import type { FlatQueries } from './flats.ts';

/** Attaches names or detaches them, inside a transaction. */
export function createLinkChanges(
  client: Database,
  db: BetterSQLite3Database,
  flats: FlatQueries,
  log: ChangeLog,
): (origin: Origin, change: LinkChange, now: number) => Linked | Missing {
  const flatId = sql.placeholder('flatId');
  const given = sql`json_each(${sql.placeholder('names')}) j`;
  const known = sql`${given} cross join ${users} on ${users.login} = j.value`;
  // An unknown login is a new user; a user without flats stays, as after an import.
  const newUsers = compile(
    client,
    db.insert(users).select(sql`select null, j.value from ${given} where true`).onConflictDoNothing(),
    ['names'],
  );
  const attach = {
    keys: db.insert(keys).select(sql`select ${flatId}, j.value from ${given} where true`),
    users: db.insert(flatUsers).select(sql`select ${flatId}, ${users.id} from ${known} where true`),
  };
  const detach = {
    keys: db.delete(keys).where(and(eq(keys.flatId, flatId), sql`${keys.code} in (select j.value from ${given})`)),
    users: db
      .delete(flatUsers)
      .where(and(eq(flatUsers.flatId, flatId), sql`${flatUsers.userId} in (select ${users.id} from ${known})`)),
  };
  const name = {
    keys: { name: keys.code },
    users: { name: sql<string>`(select ${users.login} from ${users} where ${users.id} = ${flatUsers.userId})` },
  };
  const order = ['flatId', 'names'];
  const statements = {
    keys: [
      compile(client, detach.keys.returning(name.keys), order).pluck(),
      compile(client, attach.keys.onConflictDoNothing().returning(name.keys), order).pluck(),
    ],
    users: [
      compile(client, detach.users.returning(name.users), order).pluck(),
      compile(client, attach.users.onConflictDoNothing().returning(name.users), order).pluck(),
    ],
  } as const;

  return (origin, change, now) => {
    const found = flats.find(change.ref);
    if (found.kind !== 'flat') return found;
    const names = JSON.stringify(change.names);
    if (change.attach && change.link === 'users') newUsers.run(names);
    const [detaching, attaching] = statements[change.link];
    const changed = (change.attach ? attaching : detaching).all(found.flat.id, names) as string[];
    const count = changed.length;
    if (count > 0) {
      const { id: flatId, intercomId, flat } = found.flat;
      const kind = LINK_KINDS[change.link][change.attach ? 'attached' : 'detached'];
      log.appendProvisions(origin, now, [
        { kind, reason: change.reason, intercomId, flatId, flat, names: changed.sort() },
      ]);
    }
    const field = change.link === 'keys' ? 'keyCount' : 'usersCount';
    const flat = { ...found.flat, [field]: found.flat[field] + (change.attach ? count : -count) };
    return { kind: 'done', flat, count };
  };
}

import { and, eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow } from '../../domain/flat-row.ts';
import { ALL_AVAILABLE, LINES, patchLines } from '../../domain/lines.ts';
import type { Placement } from '../store.ts';
import { placeholders } from './placeholders.ts';
import { flats, flatUsers, intercoms, keys, users } from './tables.ts';

/** Places one row: makes what is new, replaces the links that are given, and leaves the lines of a known flat alone. */
export function placeRow(db: BetterSQLite3Database): (row: FlatRow, now: number) => Placement {
  const p = sql.placeholder;
  const intercomById = db
    .select({ title: intercoms.title })
    .from(intercoms)
    .where(eq(intercoms.id, p('id')))
    .prepare();
  const insertIntercom = db
    .insert(intercoms)
    .values({ id: p('id'), title: p('title') })
    .prepare();
  const setTitle = db
    .update(intercoms)
    .set({ title: sql`${p('title')}` })
    .where(eq(intercoms.id, p('id')))
    .prepare();
  const flatByNumber = db
    .select({ id: flats.id })
    .from(flats)
    .where(and(eq(flats.intercomId, p('intercomId')), eq(flats.flat, p('flat'))))
    .prepare();
  const flatById = db
    .select({ id: flats.id })
    .from(flats)
    .where(eq(flats.id, p('id')))
    .prepare();
  const insertFlat = db
    .insert(flats)
    .values({
      ...placeholders(['id', 'intercomId', 'flat', 'updatedAt', ...LINES]),
      version: 1,
    })
    .prepare();
  const keysOf = db
    .select({ name: keys.code })
    .from(keys)
    .where(eq(keys.flatId, p('flatId')))
    .prepare();
  const clearKeys = db
    .delete(keys)
    .where(eq(keys.flatId, p('flatId')))
    .prepare();
  const addKey = db
    .insert(keys)
    .values({ flatId: p('flatId'), code: p('name') })
    .prepare();
  const usersOf = db
    .select({ name: users.login })
    .from(flatUsers)
    .innerJoin(users, eq(users.id, flatUsers.userId))
    .where(eq(flatUsers.flatId, p('flatId')))
    .prepare();
  const clearUsers = db
    .delete(flatUsers)
    .where(eq(flatUsers.flatId, p('flatId')))
    .prepare();
  const userByLogin = db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.login, p('login')))
    .prepare();
  const insertUser = db
    .insert(users)
    .values({ login: p('login') })
    .prepare();
  const addUser = db
    .insert(flatUsers)
    .values({ flatId: p('flatId'), userId: p('userId') })
    .prepare();

  const replaceKeys = (flatId: number, codes: readonly string[]) => {
    clearKeys.run({ flatId });
    for (const name of codes) addKey.run({ flatId, name });
  };
  const replaceUsers = (flatId: number, logins: readonly string[]) => {
    clearUsers.run({ flatId });
    for (const login of logins) {
      const userId = userByLogin.get({ login })?.id ?? Number(insertUser.run({ login }).lastInsertRowid);
      addUser.run({ flatId, userId });
    }
  };

  /** Returns whether the intercom is new, or has a new title. */
  const placeIntercom = ({ intercomId: id, intercomTitle: title }: FlatRow): 'created' | 'changed' | 'same' => {
    const known = intercomById.get({ id });
    if (!known) {
      insertIntercom.run({ id, title: title ?? `Intercom ${id}` });
      return 'created';
    }
    if (title === undefined || title === known.title) return 'same';
    setTitle.run({ id, title });
    return 'changed';
  };

  return (row, now) => {
    const known = flatByNumber.get({ intercomId: row.intercomId, flat: row.flat });
    if (known) {
      if (row.flatId !== undefined && row.flatId !== known.id) {
        return { kind: 'refused', error: { column: 'flatId', reason: 'otherFlatId' } };
      }
      let detailsChanged = placeIntercom(row) === 'changed';
      if (row.keys && differs(row.keys, keysOf.all({ flatId: known.id }))) {
        replaceKeys(known.id, row.keys);
        detailsChanged = true;
      }
      if (row.users && differs(row.users, usersOf.all({ flatId: known.id }))) {
        replaceUsers(known.id, row.users);
        detailsChanged = true;
      }
      return { kind: 'existing', flatId: known.id, detailsChanged };
    }
    if (row.flatId !== undefined && flatById.get({ id: row.flatId })) {
      return { kind: 'refused', error: { column: 'flatId', reason: 'flatIdTaken' } };
    }
    const intercomCreated = placeIntercom(row) === 'created';
    const lines = patchLines(ALL_AVAILABLE, row.lines);
    const { lastInsertRowid } = insertFlat.run({
      id: row.flatId ?? null,
      intercomId: row.intercomId,
      flat: row.flat,
      ...lines,
      updatedAt: now,
    });
    const flatId = Number(lastInsertRowid);
    if (row.keys) replaceKeys(flatId, row.keys);
    if (row.users) replaceUsers(flatId, row.users);
    return { kind: 'created', flatId, intercomCreated };
  };
}

function differs(wanted: readonly string[], stored: readonly { readonly name: string }[]): boolean {
  const names = new Set(stored.map((it) => it.name));
  return wanted.length !== names.size || wanted.some((name) => !names.has(name));
}

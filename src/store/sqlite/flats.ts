import { and, eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Flat, Found } from '../../domain/flat.ts';
import type { FlatRef } from '../../domain/flat-ref.ts';
import { LINES, type Line, type Lines } from '../../domain/lines.ts';
import { flats, flatUsers, intercoms, keys } from './tables.ts';

const lineColumns = Object.fromEntries(LINES.map((line) => [line, flats[line]])) as Pick<typeof flats, Line>;

/** How a `Flat` is read: its columns, and its links counted by their index. */
export const flatColumns = {
  id: flats.id,
  flat: flats.flat,
  intercomId: flats.intercomId,
  keyCount: sql<number>`(select count(*) from ${keys} where ${keys.flatId} = ${flats.id})`,
  usersCount: sql<number>`(select count(*) from ${flatUsers} where ${flatUsers.flatId} = ${flats.id})`,
  lines: lineColumns,
  version: flats.version,
  updatedAt: flats.updatedAt,
};

export interface FlatQueries {
  /** The flat under a ref, or what is missing. */
  find(ref: FlatRef): Found;
  /** Sets a flat's lines and returns the flat as it is then. */
  setLines(flat: Flat, lines: Lines, now: number): Flat;
}

/** The flat's statements, prepared once: built anew for each call, they would cost more than they do. */
export function flatQueries(db: BetterSQLite3Database): FlatQueries {
  const byId = db
    .select(flatColumns)
    .from(flats)
    .where(eq(flats.id, sql.placeholder('flatId')))
    .prepare();
  const byNumber = db
    .select(flatColumns)
    .from(flats)
    .where(and(eq(flats.intercomId, sql.placeholder('intercomId')), eq(flats.flat, sql.placeholder('flat'))))
    .prepare();
  const intercom = db
    .select({ id: intercoms.id })
    .from(intercoms)
    .where(eq(intercoms.id, sql.placeholder('intercomId')))
    .prepare();
  const setLines = db
    .update(flats)
    .set({
      ...(Object.fromEntries(LINES.map((line) => [line, sql`${sql.placeholder(line)}`])) as Record<Line, never>),
      version: sql`${sql.placeholder('version')}`,
      updatedAt: sql`${sql.placeholder('updatedAt')}`,
    })
    .where(eq(flats.id, sql.placeholder('id')))
    .prepare();

  const missing = (intercomId: number | undefined, otherwise: 'noFlat' | 'otherIntercom'): Found =>
    intercomId !== undefined && !intercom.get({ intercomId }) ? { kind: 'noIntercom' } : { kind: otherwise };

  return {
    find(ref) {
      const flat: Flat | undefined =
        ref.by === 'id'
          ? byId.get({ flatId: ref.flatId })
          : byNumber.get({ intercomId: ref.intercomId, flat: ref.flat });
      if (!flat) return missing(ref.intercomId, 'noFlat');
      if (ref.intercomId !== undefined && ref.intercomId !== flat.intercomId) {
        return missing(ref.intercomId, 'otherIntercom');
      }
      return { kind: 'flat', flat };
    },
    setLines(flat, lines, now) {
      const version = flat.version + 1;
      const bits = Object.fromEntries(LINES.map((line) => [line, Number(lines[line])]));
      setLines.run({ ...bits, version, updatedAt: now, id: flat.id });
      return { ...flat, lines, version, updatedAt: now };
    },
  };
}

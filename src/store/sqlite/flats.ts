import type { Database } from 'better-sqlite3';
import { and, eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Flat, Found } from '../../domain/flat.ts';
import type { FlatRef } from '../../domain/flat-ref.ts';
import { LINES, type Lines, linesFrom } from '../../domain/lines.ts';
import { compile } from './compile.ts';
import { flats, flatUsers, intercoms, keys } from './tables.ts';

/** What makes a `Flat`, in the order that `readFlat` takes it; the links are counted by their index. */
const flatColumns = {
  id: flats.id,
  flat: flats.flat,
  intercomId: flats.intercomId,
  keyCount: sql`(select count(*) from ${keys} where ${keys.flatId} = ${flats.id})`,
  usersCount: sql`(select count(*) from ${flatUsers} where ${flatUsers.flatId} = ${flats.id})`,
  version: flats.version,
  updatedAt: flats.updatedAt,
  ...Object.fromEntries(LINES.map((line) => [line, flats[line]])),
};

function readFlat(columns: readonly unknown[]): Flat {
  const [id, flat, intercomId, keyCount, usersCount, version, updatedAt] = columns as [
    ...[id: number, flat: number, intercomId: number, keyCount: number, usersCount: number],
    ...[version: number, updatedAt: number],
  ];
  const lines = linesFrom((_, index) => columns[7 + index] === 1);
  return { id, flat, intercomId, keyCount, usersCount, lines, version, updatedAt };
}

export interface FlatQueries {
  /** The flat under a ref, or what is missing. */
  find(ref: FlatRef): Found;
  /** Sets a flat's lines and returns the flat as it is then. */
  setLines(flat: Flat, lines: Lines, now: number): Flat;
}

export function flatQueries(client: Database, db: BetterSQLite3Database): FlatQueries {
  const [id, intercomId, flat] = [sql.placeholder('id'), sql.placeholder('intercomId'), sql.placeholder('flat')];
  const byId = compile(client, db.select(flatColumns).from(flats).where(eq(flats.id, id)), readFlat);
  const byNumber = compile(
    client,
    db
      .select(flatColumns)
      .from(flats)
      .where(and(eq(flats.intercomId, intercomId), eq(flats.flat, flat))),
    readFlat,
  );
  const intercom = compile<number>(
    client,
    db.select({ id: intercoms.id }).from(intercoms).where(eq(intercoms.id, intercomId)),
  );
  const setLines = compile(
    client,
    db
      .update(flats)
      .set(Object.fromEntries(['version', 'updatedAt', ...LINES].map((name) => [name, sql`${sql.placeholder(name)}`])))
      .where(eq(flats.id, id)),
  );

  const missing = (intercomId: number | undefined, otherwise: 'noFlat' | 'otherIntercom'): Found =>
    intercomId !== undefined && intercom.first({ intercomId }) === undefined
      ? { kind: 'noIntercom' }
      : { kind: otherwise };

  return {
    find(ref) {
      const flat = ref.by === 'id' ? byId.first({ id: ref.flatId }) : byNumber.first({ ...ref });
      if (!flat) return missing(ref.intercomId, 'noFlat');
      if (ref.intercomId !== undefined && ref.intercomId !== flat.intercomId) {
        return missing(ref.intercomId, 'otherIntercom');
      }
      return { kind: 'flat', flat };
    },
    setLines(flat, lines, now) {
      const version = flat.version + 1;
      const values: Record<string, number> = { id: flat.id, version, updatedAt: now };
      for (const line of LINES) values[line] = Number(lines[line]);
      setLines.run(values);
      return { ...flat, lines, version, updatedAt: now };
    },
  };
}

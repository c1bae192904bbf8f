import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Flat, Found } from '../../../domain/flat.ts';
import type { FlatRef } from '../../../domain/flat-ref.ts';
import { LINES, type Lines } from '../../../domain/lines.ts';
import { eq, sql } from '../drizzle.ts';
import { FLAT_COLUMNS, lineColumns, readFlat } from '../rows.ts';
import { flats } from '../tables.ts';
import { compile } from './compile.ts';

/** Finds the flat under a ref, or what is missing. */
type FlatFinder = (ref: FlatRef) => Found;

export interface FlatQueries {
  readonly find: FlatFinder;
  /** Sets a flat's lines and returns the flat as it is then. */
  setLines(flat: Flat, lines: Lines, now: number): Flat;
}

export function flatFinder(client: Database): FlatFinder {
  const byId = client.prepare(`select ${FLAT_COLUMNS} from flats f where f.id = ?`).raw();
  const byNumber = client.prepare(`select ${FLAT_COLUMNS} from flats f where f.intercom_id = ? and f.flat = ?`).raw();
  const intercom = client.prepare('select 1 from intercoms where id = ?');

  const missing = (intercomId: number | undefined, otherwise: 'noFlat' | 'otherIntercom'): Found =>
    intercomId !== undefined && intercom.get(intercomId) === undefined ? { kind: 'noIntercom' } : { kind: otherwise };

  return (ref) => {
    const columns = ref.by === 'id' ? byId.get(ref.flatId) : byNumber.get(ref.intercomId, ref.flat);
    if (!columns) return missing(ref.intercomId, 'noFlat');
    const flat = readFlat(columns as unknown[]);
    if (ref.intercomId !== undefined && ref.intercomId !== flat.intercomId) {
      return missing(ref.intercomId, 'otherIntercom');
    }
    return { kind: 'flat', flat };
  };
}

export function flatQueries(client: Database, db: BetterSQLite3Database): FlatQueries {
  const names = [...LINES, 'version', 'updatedAt'];
  const setLines = compile(
    client,
    db
      .update(flats)
      .set(Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`])))
      .where(eq(flats.id, sql.placeholder('id'))),
    [...names, 'id'],
  );

  return {
    find: flatFinder(client),
    setLines(flat, lines, now) {
      const version = flat.version + 1;
      setLines.run(...lineColumns(lines), version, now, flat.id);
      return { ...flat, lines, version, updatedAt: now };
    },
  };
}

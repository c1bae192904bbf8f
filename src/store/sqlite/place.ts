import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow, FlatRowError, Row } from '../../domain/flat-row.ts';
import { MAX_ID } from '../../domain/integer.ts';
import { ALL_AVAILABLE, LINES, patchLines } from '../../domain/lines.ts';
import type { Placement } from '../store.ts';
import { compile } from './compile.ts';
import { and, eq, sql } from './drizzle.ts';
import { lineColumns } from './flat-columns.ts';
import { linkWriters } from './links.ts';
import { intercomPlacers } from './place-intercom.ts';
import { placeholders } from './placeholders.ts';
import { flats } from './tables.ts';

type Place = (rows: readonly Row[], now: number) => readonly Placement[];

/**
 * Places rows, inside one transaction: makes what is new, replaces the links that are given, and leaves the lines of a
 * known flat alone.
 */
export function placeRows(client: Database, db: BetterSQLite3Database): Place {
  const flatByNumber = compile(
    client,
    db
      .select({ id: flats.id })
      .from(flats)
      .where(and(eq(flats.intercomId, sql.placeholder('intercomId')), eq(flats.flat, sql.placeholder('flat')))),
    ['intercomId', 'flat'],
  ).pluck();
  const flatById = compile(
    client,
    db
      .select({ id: flats.id })
      .from(flats)
      .where(eq(flats.id, sql.placeholder('id'))),
    ['id'],
  ).pluck();
  const names = ['id', 'intercomId', 'flat', ...LINES, 'version', 'updatedAt'] as const;
  const insertFlat = compile(client, db.insert(flats).values(placeholders(names)), names);
  const lastId = client.prepare("select seq from sqlite_sequence where name = 'flats'").pluck();
  const beginLinks = linkWriters(client);
  const beginIntercoms = intercomPlacers(client);

  return (rows, now) => {
    const intercoms = beginIntercoms();
    const links = beginLinks();
    let nextId = ((lastId.get() as number | undefined) ?? 0) + 1;

    const placeExisting = (row: FlatRow, flatId: number): Placement => {
      if (row.flatId !== undefined && row.flatId !== flatId) return refuse({ column: 'flatId', reason: 'otherFlatId' });
      const intercom = intercoms.place(row);
      if (typeof intercom === 'object') return refuse(intercom);
      return { kind: 'existing', flatId, intercom, linksChanged: links.replace(flatId, row) };
    };

    const placeNew = (row: FlatRow): Placement => {
      // No flat ever had the id that comes next, or a later one.
      if (row.flatId !== undefined && row.flatId < nextId && flatById.get(row.flatId) !== undefined) {
        return refuse({ column: 'flatId', reason: 'flatIdTaken' });
      }
      const flatId = row.flatId ?? nextId;
      // A row may take the last id there is; nothing comes after it.
      if (flatId > MAX_ID) return refuse({ column: 'flat', reason: 'noIdLeft' });
      const intercom = intercoms.place(row);
      if (typeof intercom === 'object') return refuse(intercom);
      nextId = Math.max(nextId, flatId + 1);
      const { intercomId, flat, lines } = row;
      insertFlat.run(flatId, intercomId, flat, ...lineColumns(patchLines(ALL_AVAILABLE, lines)), 1, now);
      links.add(flatId, row);
      return { kind: 'created', flatId, intercom };
    };

    const placements = rows.map((row): Placement => {
      if (row.flat === undefined) {
        const intercom = intercoms.place(row);
        return typeof intercom === 'object' ? refuse(intercom) : { kind: 'intercom', intercom };
      }
      const known = flatByNumber.get(row.intercomId, row.flat) as number | undefined;
      return known === undefined ? placeNew(row) : placeExisting(row, known);
    });
    intercoms.end();
    links.end();
    return placements;
  };
}

const refuse = (error: FlatRowError): Placement => ({ kind: 'refused', error });

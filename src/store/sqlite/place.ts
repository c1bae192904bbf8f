import type { Database } from 'better-sqlite3';
import { and, eq, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { FlatRow, FlatRowError } from '../../domain/flat-row.ts';
import { MAX_ID } from '../../domain/integer.ts';
import { foldTitle } from '../../domain/intercom.ts';
import { ALL_AVAILABLE, LINES } from '../../domain/lines.ts';
import type { Placement } from '../store.ts';
import { compile } from './compile.ts';
import { linkReplacer } from './links.ts';
import { placeholders } from './placeholders.ts';
import { flats, intercoms } from './tables.ts';

type Place = (rows: readonly FlatRow[], now: number) => readonly Placement[];

/**
 * Places rows, inside one transaction: makes what is new, replaces the links that are given, and leaves the lines of a
 * known flat alone.
 */
export function placeRows(client: Database, db: BetterSQLite3Database): Place {
  const id = sql.placeholder('id');
  const titleOf = compile<string>(
    client,
    db.select({ title: intercoms.title }).from(intercoms).where(eq(intercoms.id, id)),
  );
  const insertIntercom = compile(
    client,
    db.insert(intercoms).values(placeholders(['id', 'title', 'titleFolded', 'flatFrom', 'flatTo'])),
  );
  const setTitle = compile(
    client,
    db
      .update(intercoms)
      .set({ title: sql`${sql.placeholder('title')}`, titleFolded: sql`${sql.placeholder('titleFolded')}` })
      .where(eq(intercoms.id, id)),
  );
  const widen = client.prepare(
    'update intercoms set flat_from = min(flat_from, @flat), flat_to = max(flat_to, @flat) where id = @intercomId and @flat not between flat_from and flat_to',
  );
  const flatByNumber = compile<number>(
    client,
    db
      .select({ id: flats.id })
      .from(flats)
      .where(and(eq(flats.intercomId, sql.placeholder('intercomId')), eq(flats.flat, sql.placeholder('flat')))),
  );
  const flatById = compile<number>(client, db.select({ id: flats.id }).from(flats).where(eq(flats.id, id)));
  const insertFlat = compile(
    client,
    db.insert(flats).values({ ...placeholders(['id', 'intercomId', 'flat', 'updatedAt', ...LINES]), version: 1 }),
  );
  const lastId = client.prepare("select seq from sqlite_sequence where name = 'flats'").pluck();
  const replaceLinks = linkReplacer(client, db);

  return (rows, now) => {
    // What one commit has looked up already; another process may change it before the next one.
    const titles = new Map<number, string>();
    let nextId = ((lastId.get() as number | undefined) ?? 0) + 1;

    /** Returns whether the intercom is new, or has a new title. */
    const placeIntercom = ({ intercomId, intercomTitle, flat }: FlatRow): 'created' | 'changed' | 'same' => {
      const known = titles.get(intercomId) ?? titleOf.first({ id: intercomId });
      const title = intercomTitle ?? known ?? `Intercom ${intercomId}`;
      titles.set(intercomId, title);
      if (title === known) return 'same';
      const values = { id: intercomId, title, titleFolded: foldTitle(title) };
      if (known === undefined) insertIntercom.run({ ...values, flatFrom: flat, flatTo: flat });
      else setTitle.run(values);
      return known === undefined ? 'created' : 'changed';
    };

    const placeExisting = (row: FlatRow, flatId: number): Placement => {
      if (row.flatId !== undefined && row.flatId !== flatId) return refuse({ column: 'flatId', reason: 'otherFlatId' });
      const titleChanged = placeIntercom(row) === 'changed';
      const linksChanged = replaceLinks(flatId, row);
      return { kind: 'existing', flatId, detailsChanged: titleChanged || linksChanged };
    };

    const placeNew = (row: FlatRow): Placement => {
      if (row.flatId !== undefined && flatById.first({ id: row.flatId }) !== undefined) {
        return refuse({ column: 'flatId', reason: 'flatIdTaken' });
      }
      const flatId = row.flatId ?? nextId;
      // A row may take the last id there is; nothing comes after it.
      if (flatId > MAX_ID) return refuse({ column: 'flat', reason: 'noIdLeft' });
      nextId = Math.max(nextId, flatId + 1);
      const intercomCreated = placeIntercom(row) === 'created';
      const { intercomId, flat, lines } = row;
      if (!intercomCreated) widen.run({ intercomId, flat });
      insertFlat.run({ ...ALL_AVAILABLE, ...lines, id: flatId, intercomId, flat, updatedAt: now });
      replaceLinks(flatId, row);
      return { kind: 'created', flatId, intercomCreated };
    };

    return rows.map((row) => {
      const known = flatByNumber.first({ intercomId: row.intercomId, flat: row.flat });
      return known === undefined ? placeNew(row) : placeExisting(row, known);
    });
  };
}

const refuse = (error: FlatRowError): Placement => ({ kind: 'refused', error });

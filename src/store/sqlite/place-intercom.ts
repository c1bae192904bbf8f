import type { Database } from 'better-sqlite3';
import type { FlatRowError, Row } from '../../domain/flat-row.ts';
import { foldTitle, type Intercom, isWithin, widened } from '../../domain/intercom.ts';
import type { Placed } from '../store.ts';
import { INTERCOM_COLUMNS, readIntercom } from './intercom-list.ts';

/** Places the intercoms of the rows of one commit. */
export interface IntercomPlacer {
  /** Makes the row's intercom, or gives it what the row says; or tells why it cannot, and changes nothing. */
  place(row: Row): Placed | FlatRowError;
  /** Comes last: intercoms without a range of their own get the one that their flats span. */
  end(): void;
}

export function intercomPlacers(client: Database): () => IntercomPlacer {
  const byId = client.prepare(`select ${INTERCOM_COLUMNS} from intercoms i where i.id = ?`).raw();
  const idOf = client.prepare('select id from intercoms where external_id = ?').pluck();
  const flatBelow = client.prepare('select 1 from flats where intercom_id = ? and flat < ? limit 1').pluck();
  const flatAbove = client.prepare('select 1 from flats where intercom_id = ? and flat > ? limit 1').pluck();
  const columns = ['title', 'title_folded', 'external_id', 'flat_from', 'flat_to'];
  const insert = client.prepare(`insert into intercoms (id, ${columns}) values (?, ?, ?, ?, ?, ?)`);
  const update = client.prepare(`update intercoms set ${columns.map((it) => `${it} = ?`)} where id = ?`);
  const setRange = client.prepare('update intercoms set flat_from = ?, flat_to = ? where id = ?');

  const columnsOf = ({ title, externalId, range }: Intercom) =>
    [title, foldTitle(title), externalId, range?.from ?? null, range?.to ?? null] as const;

  function objection({ id, externalId, range }: Intercom, known: Intercom | undefined): FlatRowError | undefined {
    if (externalId !== null && externalId !== known?.externalId && idOf.get(externalId) !== undefined) {
      return { column: 'intercomExternalId', reason: 'externalIdTaken' };
    }
    if (!known || !range) return undefined;
    if (range.from !== known.range?.from && flatBelow.get(id, range.from)) {
      return { column: 'intercomFlatFrom', reason: 'flatsOutside' };
    }
    if (range.to !== known.range?.to && flatAbove.get(id, range.to)) {
      return { column: 'intercomFlatTo', reason: 'flatsOutside' };
    }
    return undefined;
  }

  return () => {
    // What one commit has looked up already; another process may change it before the next one.
    const met = new Map<number, Intercom>();
    const grown = new Set<number>();

    const find = (id: number): Intercom | undefined => {
      const columns = met.has(id) ? undefined : (byId.get(id) as unknown[] | undefined);
      if (columns) met.set(id, readIntercom(columns));
      return met.get(id);
    };

    return {
      place(row) {
        const known = find(row.intercomId);
        const wanted: Intercom = {
          id: row.intercomId,
          title: row.intercomTitle ?? known?.title ?? `Intercom ${row.intercomId}`,
          externalId: row.intercomExternalId ?? known?.externalId ?? null,
          range: row.intercomRange ?? known?.range ?? null,
        };
        const placed = known ? (same(known, wanted) ? 'same' : 'changed') : 'created';
        const refused = placed === 'same' ? undefined : objection(wanted, known);
        if (refused) return refused;
        if (placed === 'created') insert.run(wanted.id, ...columnsOf(wanted));
        else if (placed === 'changed') update.run(...columnsOf(wanted), wanted.id);

        const { flat } = row;
        const outside = flat !== undefined && !(wanted.range && isWithin(flat, wanted.range));
        if (outside) grown.add(wanted.id);
        if (outside) met.set(wanted.id, { ...wanted, range: widened(wanted.range, flat) });
        else if (placed !== 'same') met.set(wanted.id, wanted);
        return placed;
      },
      end() {
        for (const id of grown) {
          const range = met.get(id)?.range;
          if (range) setRange.run(range.from, range.to, id);
        }
      },
    };
  };
}

const same = (a: Intercom, b: Intercom): boolean =>
  a.title === b.title &&
  a.externalId === b.externalId &&
  a.range?.from === b.range?.from &&
  a.range?.to === b.range?.to;

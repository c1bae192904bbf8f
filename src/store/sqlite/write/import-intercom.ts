import type { Database } from 'better-sqlite3';
import {
  decideIntercomRow,
  type IntercomRowDecision,
  type IntercomRowFacts,
  rangeWith,
} from '../../../domain/import-decision.ts';
import type { Row } from '../../../domain/import-row.ts';
import { foldTitle, type Intercom } from '../../../domain/intercom.ts';
import { INTERCOM_COLUMNS, toIntercom } from '../rows.ts';

/** Imports the intercoms of the rows of one commit. */
export interface IntercomImporter {
  /** Creates the row's intercom, or gives it what the row says; a refused row changes nothing. */
  import(row: Row): IntercomRowDecision;
  /** Comes last: intercoms without a range of their own get the one that their flats span. */
  end(): void;
}

export function createIntercomImporters(client: Database): () => IntercomImporter {
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

  const facts: IntercomRowFacts = {
    isTaken: (externalId) => idOf.get(externalId) !== undefined,
    hasFlatBelow: (intercomId, flat) => flatBelow.get(intercomId, flat) !== undefined,
    hasFlatAbove: (intercomId, flat) => flatAbove.get(intercomId, flat) !== undefined,
  };

  return () => {
    // What one commit has looked up already; another process may change it before the next one.
    const met = new Map<number, Intercom>();
    const grown = new Set<number>();

    const find = (id: number): Intercom | undefined => {
      const columns = met.has(id) ? undefined : (byId.get(id) as unknown[] | undefined);
      if (columns) met.set(id, toIntercom(columns));
      return met.get(id);
    };

    return {
      import(row) {
        const decision = decideIntercomRow(row, find(row.intercomId), facts);
        if (decision.kind === 'refused') return decision;
        const { kind, intercom } = decision;
        if (kind === 'created') insert.run(intercom.id, ...columnsOf(intercom));
        else if (kind === 'changed') update.run(...columnsOf(intercom), intercom.id);

        const range = row.flat === undefined ? undefined : rangeWith(intercom.range, row.flat);
        if (range) grown.add(intercom.id);
        if (range) met.set(intercom.id, { ...intercom, range });
        else if (kind !== 'same') met.set(intercom.id, intercom);
        return decision;
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

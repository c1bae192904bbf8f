import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import {
  decideIntercomRow,
  type IntercomRowDecision,
  type IntercomRowFacts,
  rangeWith,
} from '../../../domain/import-decision.ts';
import type { Row } from '../../../domain/import-row.ts';
import type { Intercom } from '../../../domain/intercom.ts';
import { compile, expressions, placeholders } from '../compile.ts';
import { and, eq, gt, lt, sql } from '../drizzle.ts';
import { createIntercomFinder } from '../read/find.ts';
import { flats, intercoms } from '../tables.ts';
import { INTERCOM_VALUES, intercomUpdate, intercomValues } from './intercoms.ts';

/** Imports the intercoms of the rows of one commit. */
export interface IntercomImporter {
  /** Creates the row's intercom, or gives it what the row says; a refused row changes nothing. */
  import(row: Row): IntercomRowDecision;
  /** Comes last: intercoms without a range of their own get the one that their flats span. */
  end(): void;
}

export function createIntercomImporters(client: Database, db: BetterSQLite3Database): () => IntercomImporter {
  const findIntercom = createIntercomFinder(client);
  const flatWhere = (is: typeof lt) =>
    compile(
      client,
      db
        .select({ id: flats.id })
        .from(flats)
        .where(and(eq(flats.intercomId, sql.placeholder('intercomId')), is(flats.flat, sql.placeholder('flat')))),
      ['intercomId', 'flat'],
    ).pluck();
  const [flatBelow, flatAbove] = [flatWhere(lt), flatWhere(gt)];
  const names = ['id', ...INTERCOM_VALUES] as const;
  const insert = compile(client, db.insert(intercoms).values(placeholders(names)), names);
  const update = intercomUpdate(client, db);
  const setRange = compile(
    client,
    db
      .update(intercoms)
      .set(expressions(['flatFrom', 'flatTo']))
      .where(eq(intercoms.id, sql.placeholder('id'))),
    ['flatFrom', 'flatTo', 'id'],
  );

  const facts: IntercomRowFacts = {
    isTaken: (externalId) => findIntercom({ by: 'externalId', externalId }) !== undefined,
    hasFlatBelow: (intercomId, flat) => flatBelow.get(intercomId, flat) !== undefined,
    hasFlatAbove: (intercomId, flat) => flatAbove.get(intercomId, flat) !== undefined,
  };

  return () => {
    // What one commit has looked up already; another process may change it before the next one.
    const met = new Map<number, Intercom>();
    const grown = new Set<number>();

    const find = (id: number): Intercom | undefined => {
      const stored = met.has(id) ? undefined : findIntercom({ by: 'id', intercomId: id });
      if (stored) met.set(id, stored);
      return met.get(id);
    };

    return {
      import(row) {
        const decision = decideIntercomRow(row, find(row.intercomId), facts);
        if (decision.kind === 'refused') return decision;
        const { kind, intercom } = decision;
        if (kind === 'created') insert.run(intercom.id, ...intercomValues(intercom));
        else if (kind === 'changed') update.run(...intercomValues(intercom), intercom.id);

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

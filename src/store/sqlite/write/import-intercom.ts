import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { ProvisionDraft } from '../../../domain/change.ts';
import {
  decideIntercomRow,
  type IntercomRowDecision,
  type IntercomRowFacts,
  rangeWith,
} from '../../../domain/import-decision.ts';
import type { Row } from '../../../domain/import-row.ts';
import type { Intercom } from '../../../domain/intercom.ts';
import { intercomChange } from '../../../domain/log-drafts.ts';
import { compile, expressions, placeholders } from '../compile.ts';
import { and, eq, gt, lt, sql } from '../drizzle.ts';
import { createIntercomFinder } from '../read/find.ts';
import { flats, intercoms } from '../tables.ts';
import { INTERCOM_VALUES, intercomUpdate, intercomValues } from './intercoms.ts';

/** Imports the intercoms of the rows of one commit. */
export interface IntercomImporter {
  /** Creates the row's intercom, or gives it what the row says; a refused row changes nothing. */
  import(row: Row): IntercomRowDecision;
  /**
   * Comes last: intercoms without a range of their own get the one that their flats span. Returns a row of the change log for each
   * intercom that the rows created or changed; that a range follows its flats does not count.
   */
  end(): readonly ProvisionDraft[];
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
    /** As they were before the first row that changed them. */
    const before = new Map<number, Intercom | null>();

    const find = (id: number): Intercom | undefined => {
      const stored = met.has(id) ? undefined : findIntercom({ by: 'id', intercomId: id });
      if (stored) met.set(id, stored);
      return met.get(id);
    };

    return {
      import(row) {
        const known = find(row.intercomId);
        const decision = decideIntercomRow(row, known, facts);
        if (decision.kind === 'refused') return decision;
        const { kind, intercom } = decision;
        if (kind !== 'same' && !before.has(intercom.id)) before.set(intercom.id, known ?? null);
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
        const none = { flatsAdded: 0, flatsRemoved: 0 };
        return [...before].map(([id, was]) => intercomChange(id, was, met.get(id) ?? null, none, null));
      },
    };
  };
}

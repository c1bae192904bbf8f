import type { Database } from 'better-sqlite3';
import type { Table } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { sizeOf, totalSize } from '../../../domain/flat-range.ts';
import { type NewIntercom, refuseNewIntercom } from '../../../domain/new-intercom.ts';
import { type FlatsInUse, type Invalid, isInvalid } from '../../../domain/refusal.ts';
import {
  type IntercomAmendment,
  type IntercomPlan,
  planIntercomAmendment,
  refuseIntercomPlan,
} from '../../../domain/update-intercom.ts';
import type { Provisioned, Refused } from '../../store.ts';
import { lastIdOf } from '../sql-text.ts';
import * as tables from '../tables.ts';
import { createFlatRanges } from './flat-ranges.ts';
import type { IntercomQueries } from './intercoms.ts';

/**
 * The weight of `flats` flats, in updates: inserted or deleted by one statement, each takes a fifth of an update's time.
 */
const weigh = (flats: number): number => Math.ceil(flats / 5);

/** Creates, amends and deletes intercoms, inside a transaction. Every refusal is decided before the first write. */
export interface Provisioning {
  add(draft: NewIntercom, now: number): Provisioned | Refused<Invalid>;
  amend(amendment: IntercomAmendment, now: number): Provisioned | Refused<Invalid | FlatsInUse>;
  /** Their weight in a commit, in updates; of an amendment as if it were applied now. */
  weightOfNew(draft: NewIntercom): number;
  weightOf(amendment: IntercomAmendment): number;
}

export function createProvisioning(
  client: Database,
  db: BetterSQLite3Database,
  intercoms: IntercomQueries,
): Provisioning {
  const flats = createFlatRanges(client, db);
  const lastId = (table: Table) => {
    const select = client.prepare(lastIdOf(table)).pluck();
    return () => (select.get() as number | undefined) ?? 0;
  };
  const [lastFlatId, lastIntercomId] = [lastId(tables.flats), lastId(tables.intercoms)];
  const holderOf = (externalId: string | null): number | undefined =>
    externalId === null ? undefined : intercoms.find({ by: 'externalId', externalId })?.id;

  const plan = (amendment: IntercomAmendment) => planIntercomAmendment(amendment, intercoms.find(amendment.ref));

  const factsOf = ({ before, after, stays, force }: IntercomPlan) => ({
    holder: holderOf(after?.externalId ?? null),
    lastFlatId: lastFlatId(),
    inUse: stays === undefined || force ? undefined : flats.inUse(before.id, stays),
  });

  return {
    add(draft, now) {
      const { title, externalId, range, lines } = draft;
      const refusal = refuseNewIntercom(draft, {
        holder: holderOf(externalId),
        lastIntercomId: lastIntercomId(),
        lastFlatId: lastFlatId(),
      });
      if (refusal) return { kind: 'refused', refusal };
      const intercom = intercoms.insert({ title, externalId, range });
      const flatsAdded = flats.insert(intercom.id, range, lines, now);
      return { kind: 'done', intercom, flatsAdded, flatsRemoved: 0 };
    },
    amend(amendment, now) {
      const planned = plan(amendment);
      if (isInvalid(planned)) return { kind: 'refused', refusal: planned };
      const refusal = refuseIntercomPlan(planned, factsOf(planned));
      if (refusal) return { kind: 'refused', refusal };
      const { before, after, added, stays, lines } = planned;
      if (after) intercoms.update(after);
      const flatsRemoved = stays === undefined ? 0 : flats.delete(before.id, stays);
      const flatsAdded = added.reduce((count, numbers) => count + flats.insert(before.id, numbers, lines, now), 0);
      if (!after) intercoms.delete(before.id);
      return { kind: 'done', intercom: after ?? before, flatsAdded, flatsRemoved };
    },
    weightOfNew: ({ range }) => weigh(sizeOf(range)),
    weightOf(amendment) {
      const planned = plan(amendment);
      if (isInvalid(planned) || planned.stays === undefined) return 1;
      return weigh(flats.count(planned.before.id) + totalSize(planned.added));
    },
  };
}

import type { Database } from 'better-sqlite3';
import type { Table } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Origin } from '../../../domain/change.ts';
import { totalSize } from '../../../domain/flat-range.ts';
import { type FlatRange, type Intercom, sameIntercom } from '../../../domain/intercom.ts';
import type { Lines } from '../../../domain/lines.ts';
import { intercomChange } from '../../../domain/log-drafts.ts';
import { type NewIntercom, refuseNewIntercom } from '../../../domain/new-intercom.ts';
import { type FlatsInUse, type Invalid, isInvalid } from '../../../domain/refusal.ts';
import {
  type IntercomAmendment,
  type IntercomPlan,
  planIntercomAmendment,
  refuseIntercomPlan,
} from '../../../domain/update-intercom.ts';
import { type Provisioned, type Refused, StorageError } from '../../store.ts';
import { lastIdOf } from '../sql-text.ts';
import * as tables from '../tables.ts';
import type { ChangeLog } from './change-log.ts';
import { createFlatRanges } from './flat-ranges.ts';
import type { HiddenFlats } from './hidden-flats.ts';
import type { IntercomQueries } from './intercoms.ts';

/** Flats that are made before the commit that needs them, hidden until then. */
export interface Preparation {
  readonly kind: 'prepared';
  readonly intercomId: number;
  readonly ranges: readonly FlatRange[];
  readonly lines: Lines;
}

type OfNew = Refused<Invalid>;
type OfAmended = Refused<Invalid | FlatsInUse>;

/** Creates, amends and deletes intercoms, inside a transaction. Every refusal is decided before the first write. */
export interface Provisioning {
  /** Reserves what is too large for one commit; `undefined` when nothing is. */
  prepareNew(draft: NewIntercom): Preparation | OfNew | undefined;
  prepare(amendment: IntercomAmendment): Preparation | OfAmended | undefined;
  /** Makes prepared flats. Throws as busy when another process has given them up. */
  fill(preparation: Preparation, range: FlatRange, now: number): void;
  /** Decides anew, and makes what was prepared visible. Flats to delete are hidden where they are too many. */
  add(origin: Origin, draft: NewIntercom, prepared: Preparation | undefined, now: number): Provisioned | OfNew;
  amend(
    origin: Origin,
    amendment: IntercomAmendment,
    prepared: Preparation | undefined,
    now: number,
  ): Provisioned | OfAmended;
}

export function createProvisioning(
  client: Database,
  db: BetterSQLite3Database,
  intercoms: IntercomQueries,
  hidden: HiddenFlats,
  log: ChangeLog,
  flatsPerCommit: number,
): Provisioning {
  const flats = createFlatRanges(client, db);
  const lastId = (table: Table) => {
    const select = client.prepare(lastIdOf(table)).pluck();
    return () => (select.get() as number | undefined) ?? 0;
  };
  const [lastFlatId, lastIntercomId] = [lastId(tables.flats), lastId(tables.intercoms)];
  const holderOf = (externalId: string | null): number | undefined =>
    externalId === null ? undefined : intercoms.find({ by: 'externalId', externalId })?.id;

  const refusalOfNew = (draft: NewIntercom, prepared?: Preparation) =>
    refuseNewIntercom(draft, {
      holder: holderOf(draft.externalId),
      // What is prepared has its ids.
      lastIntercomId: prepared ? 0 : lastIntercomId(),
      lastFlatId: prepared ? 0 : lastFlatId(),
    });

  function planOf(amendment: IntercomAmendment, prepared?: Preparation): IntercomPlan | OfAmended {
    const plan = planIntercomAmendment(amendment, intercoms.find(amendment.ref));
    if (isInvalid(plan)) return { kind: 'refused', refusal: plan };
    const { before, after, stays, force } = plan;
    const refusal = refuseIntercomPlan(plan, {
      holder: holderOf(after?.externalId ?? null),
      lastFlatId: prepared ? 0 : lastFlatId(),
      inUse: stays === undefined || force ? undefined : flats.inUse(before.id, stays),
    });
    return refusal ? { kind: 'refused', refusal } : plan;
  }

  function reserve(intercomId: number, ranges: readonly FlatRange[], lines: Lines): Preparation {
    for (const range of ranges) hidden.prepare(intercomId, range);
    return { kind: 'prepared', intercomId, ranges, lines };
  }

  function assertPrepared({ intercomId, ranges }: Preparation): void {
    if (hidden.isPrepared(intercomId, ranges)) return;
    throw new StorageError('busy', 'another write removed the flats that were being made');
  }

  function insertAll(intercomId: number, ranges: readonly FlatRange[], lines: Lines, now: number): number {
    return ranges.reduce((count, range) => count + flats.insert(intercomId, range, lines, now), 0);
  }

  function removeOutside(intercomId: number, stays: FlatRange | null): number {
    const isFew = flats.count(intercomId) <= flatsPerCommit;
    return isFew ? flats.delete(intercomId, stays) : hidden.hide(intercomId, stays);
  }

  return {
    prepareNew(draft) {
      const { title, range, lines } = draft;
      if (totalSize([range]) <= flatsPerCommit) return undefined;
      const refusal = refusalOfNew(draft);
      if (refusal) return { kind: 'refused', refusal };
      const { id } = intercoms.insert({ title, externalId: null, range });
      intercoms.hide(id);
      return reserve(id, [range], lines);
    },
    prepare(amendment) {
      const plan = planOf(amendment);
      if (plan.kind === 'refused') return plan;
      const { before, added, lines } = plan;
      if (totalSize(added) <= flatsPerCommit) return undefined;
      hidden.clear(before.id);
      return reserve(before.id, added, lines);
    },
    fill(preparation, range, now) {
      assertPrepared(preparation);
      flats.insert(preparation.intercomId, range, preparation.lines, now);
    },
    add(origin, draft, prepared, now) {
      const { title, externalId, range, lines, reason } = draft;
      if (prepared) assertPrepared(prepared);
      const refusal = refusalOfNew(draft, prepared);
      if (refusal) return { kind: 'refused', refusal };
      const done = (intercom: Intercom, flatsAdded: number): Provisioned => {
        const counts = { flatsAdded, flatsRemoved: 0 };
        log.appendProvisions(origin, now, [intercomChange(intercom.id, null, intercom, counts, reason)]);
        return { kind: 'done', intercom, ...counts };
      };
      if (!prepared) {
        const intercom = intercoms.insert({ title, externalId, range });
        return done(intercom, insertAll(intercom.id, [range], lines, now));
      }
      const intercom = { id: prepared.intercomId, title, externalId, range };
      intercoms.update(intercom);
      intercoms.reveal(intercom.id);
      return done(intercom, hidden.reveal(intercom.id));
    },
    amend(origin, amendment, prepared, now) {
      const plan = planOf(amendment, prepared);
      if (plan.kind === 'refused') return plan;
      const { before, after, added, stays, lines } = plan;
      if (prepared) assertPrepared({ ...prepared, ranges: added });
      else hidden.clear(before.id);
      const flatsRemoved = stays === undefined ? 0 : removeOutside(before.id, stays);
      const flatsAdded = prepared ? hidden.reveal(before.id) : insertAll(before.id, added, lines, now);
      if (after) intercoms.update(after);
      else if (hidden.isHiding(before.id)) intercoms.hide(before.id);
      else intercoms.delete(before.id);
      const counts = { flatsAdded, flatsRemoved };
      if (!after || !sameIntercom(before, after) || flatsAdded + flatsRemoved > 0) {
        log.appendProvisions(origin, now, [intercomChange(before.id, before, after, counts, amendment.reason)]);
      }
      return { kind: 'done', intercom: after ?? before, ...counts };
    },
  };
}

import type { Database } from 'better-sqlite3';
import { newNumbers, sameRange, sizeOf } from '../../domain/flat-range.ts';
import { MAX_ID } from '../../domain/integer.ts';
import type { FlatRange, Intercom } from '../../domain/intercom.ts';
import type { IntercomRef } from '../../domain/intercom-ref.ts';
import type { IntercomDecision, IntercomDeletion, IntercomWrite } from '../../domain/intercom-update.ts';
import type { NewIntercom } from '../../domain/new-intercom.ts';
import type { Obstacle, Provisioned, Store } from '../store.ts';
import { flatSets } from './flat-sets.ts';
import type { IntercomQueries } from './intercoms.ts';

/** What so many flats weigh in edits: made or deleted by one statement, each takes a fifth of an edit's time. */
export const editsFor = (flats: number): number => Math.ceil(flats / 5);

type Amended = Awaited<ReturnType<Store['amendIntercom']>>;
type Decide = (intercom: Intercom | undefined) => IntercomDecision;

/** Brings intercoms into being and out of it, inside a transaction. Whatever speaks against it is found before a write. */
export interface Provisions {
  add(draft: NewIntercom, now: number): Provisioned | Obstacle;
  amend(ref: IntercomRef, decide: Decide, now: number): Amended;
  /** At most so many flats an amendment would bring or take if it were made now. */
  flatsOf(ref: IntercomRef, decide: Decide): number;
}

export function provisions(client: Database, intercoms: IntercomQueries): Provisions {
  const flats = flatSets(client);
  const lastId = client.prepare('select seq from sqlite_sequence where name = ?').pluck();
  const noIdLeft = (table: 'flats' | 'intercoms', count: number): boolean =>
    ((lastId.get(table) as number | undefined) ?? 0) + count > MAX_ID;

  /** Whether another intercom has the external id. */
  function isTaken(externalId: string | null, id?: number): boolean {
    const holder = externalId === null ? undefined : intercoms.find({ by: 'externalId', externalId });
    return holder !== undefined && holder.id !== id;
  }

  function refuseInUse(intercomId: number, stays: FlatRange | null): Amended | undefined {
    const { count, flats: first } = flats.inUse(intercomId, stays);
    return count > 0 ? { kind: 'refused', refusal: { kind: 'flatsInUse', count, flats: first } } : undefined;
  }

  function update({ before, after, lines, force }: IntercomWrite, now: number): Amended {
    const { id, externalId, range } = after;
    if (isTaken(externalId, id)) return { kind: 'taken' };
    const done = { kind: 'done', intercom: after } as const;
    if (!range || sameRange(range, before.range)) {
      intercoms.update(after);
      return { ...done, flatsAdded: 0, flatsRemoved: 0 };
    }
    const numbers = newNumbers(range, before.range);
    if (noIdLeft('flats', sum(numbers))) return { kind: 'noIdLeft' };
    const refused = force ? undefined : refuseInUse(id, range);
    if (refused) return refused;
    intercoms.update(after);
    const flatsRemoved = flats.delete(id, range);
    const flatsAdded = numbers.reduce((added, it) => added + flats.insert(id, it, lines, now), 0);
    return { ...done, flatsAdded, flatsRemoved };
  }

  function remove({ intercom, force }: IntercomDeletion): Amended {
    const refused = force ? undefined : refuseInUse(intercom.id, null);
    if (refused) return refused;
    const flatsRemoved = flats.delete(intercom.id, null);
    intercoms.delete(intercom.id);
    return { kind: 'done', intercom, flatsAdded: 0, flatsRemoved };
  }

  return {
    add({ title, externalId, range, lines }, now) {
      if (isTaken(externalId)) return { kind: 'taken' };
      if (noIdLeft('intercoms', 1) || noIdLeft('flats', sizeOf(range))) return { kind: 'noIdLeft' };
      const intercom = intercoms.insert({ title, externalId, range });
      const flatsAdded = flats.insert(intercom.id, range, lines, now);
      return { kind: 'done', intercom, flatsAdded, flatsRemoved: 0 };
    },
    amend(ref, decide, now) {
      const decision = decide(intercoms.find(ref));
      switch (decision.kind) {
        case 'write':
          return update(decision, now);
        case 'delete':
          return remove(decision);
        case 'refuse':
          return { kind: 'refused', refusal: decision.refusal };
      }
    },
    flatsOf(ref, decide) {
      const decision = decide(intercoms.find(ref));
      if (decision.kind === 'delete') return flats.count(decision.intercom.id);
      if (decision.kind === 'refuse') return 1;
      const { before, after } = decision;
      if (!after.range || sameRange(after.range, before.range)) return 1;
      return flats.count(after.id) + sum(newNumbers(after.range, before.range));
    },
  };
}

const sum = (ranges: readonly FlatRange[]): number => ranges.reduce((total, range) => total + sizeOf(range), 0);

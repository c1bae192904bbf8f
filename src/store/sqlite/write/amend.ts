import type { Database } from 'better-sqlite3';
import type { Origin } from '../../../domain/change.ts';
import { decideUpdate, type Update } from '../../../domain/update-flat.ts';
import type { CallSet } from '../../change-set.ts';
import type { Outcome } from '../../store.ts';
import type { LineCounts } from '../commit/line-counts.ts';
import type { Work } from '../commit/transactions.ts';
import type { ChangeLog } from './change-log.ts';
import type { ChangeSets } from './change-sets.ts';
import type { FlatQueries } from './flats.ts';

type Outcomes = readonly Outcome[];

/** The work that applies updates, each on its own, or with `atomic` all or none. */
export function createAmendment(
  client: Database,
  flats: FlatQueries,
  log: ChangeLog,
  sets: ChangeSets,
  counts: LineCounts,
): (origin: Origin, updates: readonly Update[], atomic: boolean, call: CallSet) => Work<Outcomes> {
  const savepoint = client.prepare('savepoint all_or_none');
  const rollback = client.prepare('rollback to all_or_none');
  const release = client.prepare('release all_or_none');

  function amendOne(origin: Origin, update: Update, changeSet: number | undefined, now: number): Outcome {
    const decision = decideUpdate(update, flats.find(update.ref));
    if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
    if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
    const { flat: before, lines, reason } = decision;
    const flat = flats.setLines(before, lines, now);
    const change = log.append({
      kind: 'LINES_SET',
      actor: origin.actor,
      channel: origin.channel,
      changedAt: now,
      reason,
      changeSet,
      flatId: flat.id,
      intercomId: flat.intercomId,
      flat: flat.flat,
      before: before.lines,
      after: flat.lines,
    });
    return { kind: 'written', flat, change };
  }

  function amendFew(origin: Origin, updates: readonly Update[], call: CallSet, now: number): Outcomes {
    let changeSet = sets.find(call);
    return updates.map((update) => {
      const outcome = amendOne(origin, update, changeSet, now);
      if (outcome.kind === 'written') changeSet = outcome.change.changeSet;
      return outcome;
    });
  }

  // The updates share their commit with those of other callers, so all or none is a savepoint, not the transaction. Every
  // update is decided, so that one answer holds every refusal.
  function amendAll(origin: Origin, updates: readonly Update[], call: CallSet, now: number): Outcomes {
    savepoint.run();
    const outcomes = amendFew(origin, updates, call, now);
    const refused = outcomes.some((it) => it.kind === 'refused');
    if (refused) rollback.run();
    release.run();
    return refused ? outcomes.map((it) => (it.kind === 'refused' ? it : { kind: 'notApplied' })) : outcomes;
  }

  function addToSet(call: CallSet, outcomes: Outcomes): void {
    const [first, last] = [outcomes.find(isWritten), outcomes.findLast(isWritten)];
    if (first && last) sets.add(call, first.change.seq, last.change.seq);
  }

  return (origin, updates, atomic, call) => (now) => {
    const outcomes = (atomic ? amendAll : amendFew)(origin, updates, call, now);
    addToSet(call, outcomes);
    // Counts of a failed write would stay, so each write is counted only once it is complete.
    counts.add(outcomes);
    return outcomes;
  };
}

const isWritten = (outcome: Outcome) => outcome.kind === 'written';

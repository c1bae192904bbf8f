import type { Database } from 'better-sqlite3';
import type { Origin } from '../../../domain/change.ts';
import { decideUpdate, type Update } from '../../../domain/update-flat.ts';
import type { Outcome } from '../../store.ts';
import type { LineCounts } from '../commit/line-counts.ts';
import type { Work } from '../commit/transactions.ts';
import type { ChangeLog } from './change-log.ts';
import type { FlatQueries } from './flats.ts';

type Outcomes = readonly Outcome[];

/** The work that applies updates, each on its own, or with `atomic` all or none. */
export function createAmendment(
  client: Database,
  flats: FlatQueries,
  log: ChangeLog,
  counts: LineCounts,
): (origin: Origin, updates: readonly Update[], atomic: boolean) => Work<Outcomes> {
  const savepoint = client.prepare('savepoint all_or_none');
  const rollback = client.prepare('rollback to all_or_none');
  const release = client.prepare('release all_or_none');

  function amendOne(origin: Origin, update: Update, now: number): Outcome {
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
      flatId: flat.id,
      intercomId: flat.intercomId,
      flat: flat.flat,
      before: before.lines,
      after: flat.lines,
    });
    return { kind: 'written', flat, change };
  }

  const amendFew = (origin: Origin, updates: readonly Update[], now: number): Outcomes =>
    updates.map((update) => amendOne(origin, update, now));

  // The updates share their commit with those of other callers, so all or none is a savepoint, not the transaction. Every
  // update is decided, so that one answer holds every refusal.
  function amendAll(origin: Origin, updates: readonly Update[], now: number): Outcomes {
    savepoint.run();
    const outcomes = amendFew(origin, updates, now);
    const refused = outcomes.some((it) => it.kind === 'refused');
    if (refused) rollback.run();
    release.run();
    return refused ? outcomes.map((it) => (it.kind === 'refused' ? it : { kind: 'notApplied' })) : outcomes;
  }

  return (origin, updates, atomic) => (now) => {
    const outcomes = (atomic ? amendAll : amendFew)(origin, updates, now);
    // Counts of a failed write would stay, so each write is counted only once it is complete.
    counts.add(outcomes);
    return outcomes;
  };
}

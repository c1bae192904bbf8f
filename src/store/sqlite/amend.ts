import type { Database } from 'better-sqlite3';
import type { Origin } from '../../domain/change.ts';
import type { Edit, Outcome } from '../store.ts';
import type { FlatQueries } from './flats.ts';
import type { LogQueries } from './log.ts';

type Amend = (origin: Origin, edits: readonly Edit[], now: number) => readonly Outcome[];

/** Ends a savepoint without its writes, and carries what was decided in it. */
class Undone extends Error {
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[]) {
    super();
    this.outcomes = outcomes;
  }
}

/** The two ways to apply edits, inside a transaction: each on its own, or all or none. */
export function amendments(
  client: Database,
  flats: FlatQueries,
  log: LogQueries,
): { readonly amend: Amend; readonly amendAll: Amend } {
  function amendOne(origin: Origin, edit: Edit, now: number): Outcome {
    const decision = edit.decide(flats.find(edit.ref));
    if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
    if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
    const { flat: before, lines, reason } = decision;
    const flat = flats.setLines(before, lines, now);
    const change = log.append({
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

  const amend: Amend = (origin, edits, now) => edits.map((edit) => amendOne(origin, edit, now));

  // The edits share their commit with those of other callers, so all or none is a savepoint, not the transaction. Every
  // edit is decided, so that one answer tells of every refusal.
  const inSavepoint = client.transaction<Amend>((origin, edits, now) => {
    const outcomes = amend(origin, edits, now);
    if (outcomes.some((it) => it.kind === 'refused')) throw new Undone(outcomes);
    return outcomes;
  });
  const amendAll: Amend = (origin, edits, now) => {
    try {
      return inSavepoint(origin, edits, now);
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
      return error.outcomes.map((it) => (it.kind === 'refused' ? it : { kind: 'notApplied' }));
    }
  };

  return { amend, amendAll };
}

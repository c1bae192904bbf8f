import type { Database } from 'better-sqlite3';
import type { Origin } from '../../../domain/change.ts';
import { decideUpdate, type Update } from '../../../domain/update-flat.ts';
import type { GroupCommit } from '../../group-commit.ts';
import { type Outcome, StorageError, type Store } from '../../store.ts';
import type { LineCounts } from '../commit/line-counts.ts';
import type { ChangeLog } from './change-log.ts';
import type { FlatQueries } from './flats.ts';

/** The updates of a call that share a commit. Pieces of calls and single updates take turns, so nobody waits for a whole call. */
const PIECE_SIZE = 50;

type Outcomes = readonly Outcome[];

/** Applies updates, each on its own, or with `atomic` all or none. */
export function createAmend(
  client: Database,
  flats: FlatQueries,
  log: ChangeLog,
  counts: LineCounts,
  commits: GroupCommit,
): Store['amend'] {
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

  // Counts of a failed write would stay, so each write is counted only once it is complete.
  function counted(outcomes: Outcomes): Outcomes {
    counts.add(outcomes);
    return outcomes;
  }

  async function amendInPieces(lane: string, origin: Origin, updates: readonly Update[]): Promise<Outcomes> {
    // A call is refused as a whole, before a part of it waits.
    commits.assertRoom(lane, updates.length);
    const pieces: Promise<Outcomes>[] = [];
    for (let start = 0; start < updates.length; start += PIECE_SIZE) {
      const piece = updates.slice(start, start + PIECE_SIZE);
      pieces.push(commits.write(lane, piece.length, (now) => counted(amendFew(origin, piece, now))));
    }
    return joined(await Promise.allSettled(pieces));
  }

  return (origin, updates, { atomic } = { atomic: false }) => {
    const { actor } = origin;
    const { length } = updates;
    if (atomic) return commits.write(`${actor}: calls`, length, (now) => counted(amendAll(origin, updates, now)));
    if (length > PIECE_SIZE) return amendInPieces(`${actor}: calls`, origin, updates);
    const lane = length === 1 ? `${actor}: single` : `${actor}: calls`;
    return commits.write(lane, length, (now) => counted(amendFew(origin, updates, now)));
  };
}

/** The outcomes of the pieces of a call, which is answered as a whole. */
function joined(pieces: readonly PromiseSettledResult<Outcomes>[]): Outcomes {
  const failed = pieces.filter((it) => it.status === 'rejected');
  if (failed.length === 0) return pieces.flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
  const fault = failed.find(({ reason }) => !(reason instanceof StorageError));
  if (fault || failed.length === pieces.length) throw (fault ?? failed[0])?.reason;
  throw new StorageError('outcomeUnknown', 'only a part of the call was stored', { cause: failed[0]?.reason });
}

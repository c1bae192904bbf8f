import type { Origin } from '../domain/change.ts';
import type { Update } from '../domain/update-flat.ts';
import { type CallSet, callSet } from './change-set.ts';
import type { GroupCommit } from './group-commit.ts';
import { type Outcome, StorageError, type Store } from './store.ts';

/** The updates of a call that share a commit. Pieces of calls and single updates take turns, so nobody waits for a whole call. */
const PIECE_SIZE = 50;

type Outcomes = readonly Outcome[];

/** A queue of works that have the outcomes of updates. */
interface Queue<Work> extends Pick<GroupCommit<Work>, 'assertRoom'> {
  write(lane: string, size: number, work: Work): Promise<Outcomes>;
}

/**
 * Queues updates; `workOf` is what a dialect does for those that share a commit. An atomic call of more updates than a piece has is one
 * transaction of its own size: `large` is a queue for such calls where others need not wait for all of it.
 */
export function createAmend<Work>(
  commits: Queue<Work>,
  workOf: (origin: Origin, updates: readonly Update[], atomic: boolean, call: CallSet) => Work,
  large = commits,
): Store['amend'] {
  async function amendInPieces(
    lane: string,
    origin: Origin,
    updates: readonly Update[],
    call: CallSet,
  ): Promise<Outcomes> {
    // A call is refused as a whole, before a part of it waits.
    commits.assertRoom(lane, updates.length);
    const pieces: Promise<Outcomes>[] = [];
    for (let start = 0; start < updates.length; start += PIECE_SIZE) {
      const piece = updates.slice(start, start + PIECE_SIZE);
      pieces.push(commits.write(lane, piece.length, workOf(origin, piece, false, call)));
    }
    return joined(await Promise.allSettled(pieces));
  }

  return (origin, updates, { atomic = false, changeSet } = {}) => {
    const { actor } = origin;
    const call = callSet(changeSet);
    const { length } = updates;
    if (!atomic && length > PIECE_SIZE) return amendInPieces(`${actor}: calls`, origin, updates, call);
    const lane = length === 1 && !atomic ? `${actor}: single` : `${actor}: calls`;
    const queue = length > PIECE_SIZE ? large : commits;
    return queue.write(lane, length, workOf(origin, updates, atomic, call));
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

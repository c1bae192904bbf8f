import type { Change } from '../domain/change.ts';
import type { Reads } from '../store/store.ts';
import type { Following, LiveTail } from './live-tail.ts';

/** The most changes that a follower holds while it hands them on. */
const PAGE = 500;

/**
 * Every change after `seq`, each exactly once and in order, and then every new one as it comes, until the signal aborts.
 * Nothing is buffered: what a slow follower has not asked for yet is read from the log when it does.
 */
export async function* followChanges(
  store: Reads,
  tail: LiveTail,
  following: Following,
  seq: number,
  signal: AbortSignal,
): AsyncGenerator<Change, void> {
  let position = seq;
  while (!signal.aborted) {
    // What is in the log already: read up to its end as it is now, since a filtered page tells nothing of the end.
    const end = Math.max(tail.seq ?? (await store.changesHead()), position);
    while (position < end && !signal.aborted) {
      const page = { limit: PAGE, fromEnd: false, after: position, before: end + 1 };
      const { rows, hasMore } = await store.listChanges(following, page);
      yield* rows;
      position = hasMore ? (rows.at(-1)?.seq ?? end) : end;
    }
    if (tail.seq !== undefined && tail.seq > position) continue;
    const news = await tail.next(following, position, signal);
    if (!news) return;
    yield* news.changes;
    position = news.seq;
  }
}

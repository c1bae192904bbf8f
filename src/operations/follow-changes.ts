import type { Change } from '../domain/change.ts';
import type { Reads } from '../store/store.ts';

/** The most changes that a follower holds in memory. */
const PAGE_SIZE = 500;

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
    // What is in the log already: read up to its end as it is now, since a filtered page does not show where the log ends.
    const end = Math.max(tail.seq ?? (await store.changesHead()), position);
    while (position < end && !signal.aborted) {
      const page = { limit: PAGE_SIZE, fromEnd: false, after: position, before: end + 1 };
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

/** The changes that a follower asks for; both absent means all. */
export interface Following {
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
}

/** The changes that a follower waited for, and how far the log was read with them. */
export interface News {
  readonly changes: readonly Change[];
  readonly seq: number;
}

export interface LiveTail {
  /** How far the log was read; `undefined` while nobody waits. */
  readonly seq: number | undefined;
  /**
   * Resolves with the next changes after `seq`, or with `undefined` once the signal aborts. The caller must have
   * everything up to `seq`, and the tail must not be past it.
   */
  next(following: Following, seq: number, signal: AbortSignal): Promise<News | undefined>;
}

interface Waiter {
  readonly following: Following;
  readonly after: number;
  readonly wake: (news: News | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** The most changes in one read of the log. */
const READ_SIZE = 500;
/** Writes of another process do not ring our bell, so the change log is polled this often as well. */
const POLL_INTERVAL_MS = 1_000;

/**
 * Reads the end of the change log once for all live followers, and wakes only those that asked for what came. It buffers
 * nothing: a follower that is still busy reads the log itself, and waits again.
 */
export function createLiveTail(store: Reads): LiveTail {
  const waiters = new Set<Waiter>();
  // Indexed by the narrowest thing followed, so that a change finds its followers without a scan.
  const byName = new Map<string, Set<Waiter>>();
  let seq: number | undefined;

  async function run(from: number): Promise<void> {
    seq = from;
    try {
      while (waiters.size > 0) {
        const rung = store.bell.next();
        const { rows } = await store.listChanges({}, { limit: READ_SIZE, fromEnd: false, after: seq });
        const last = rows.at(-1);
        if (last) {
          seq = last.seq;
          dispatch(rows, seq);
        } else await ringOrTimeout(rung);
      }
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error);
    } finally {
      seq = undefined;
    }
  }

  function dispatch(rows: readonly Change[], until: number): void {
    const news = new Map<Waiter, Change[]>();
    for (const change of rows) {
      for (const name of namesOf(change)) {
        for (const waiter of byName.get(name) ?? []) {
          if (change.seq <= waiter.after || !matches(waiter.following, change)) continue;
          const changes = news.get(waiter);
          if (changes) changes.push(change);
          else news.set(waiter, [change]);
        }
      }
    }
    for (const [waiter, changes] of news) waiter.wake({ changes, seq: until });
  }

  return {
    get seq() {
      return seq;
    },
    next(following, after, signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        const name = nameOf(following);
        const leave = () => {
          signal.removeEventListener('abort', abort);
          waiters.delete(waiter);
          const group = byName.get(name);
          group?.delete(waiter);
          if (group?.size === 0) byName.delete(name);
        };
        const abort = () => waiter.wake(undefined);
        const waiter: Waiter = {
          following,
          after,
          wake: (news) => {
            leave();
            resolve(news);
          },
          fail: (error) => {
            leave();
            reject(error);
          },
        };
        signal.addEventListener('abort', abort);
        waiters.add(waiter);
        const group = byName.get(name) ?? new Set();
        byName.set(name, group.add(waiter));
        if (seq === undefined) void run(after);
      });
    },
  };
}

const nameOf = ({ intercomId, flatId }: Following): string =>
  flatId !== undefined ? `flat ${flatId}` : intercomId !== undefined ? `intercom ${intercomId}` : 'all';

const namesOf = ({ intercomId, flatId }: Change): readonly string[] => [
  'all',
  nameOf({ intercomId }),
  nameOf({ flatId }),
];

const matches = ({ intercomId, flatId }: Following, change: Change): boolean =>
  (intercomId === undefined || intercomId === change.intercomId) && (flatId === undefined || flatId === change.flatId);

async function ringOrTimeout(rung: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, POLL_INTERVAL_MS);
  await Promise.race([rung, timeout.promise]);
  clearTimeout(timer);
}

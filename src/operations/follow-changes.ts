import type { Change } from '../domain/change.ts';
import type { Reads } from '../store/store.ts';

/** The changes that a follower asks for; both absent means all. */
export interface Following {
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
}

export interface ChangeFeed {
  /** How far the log was read for those that wait; `undefined` while nobody waits. */
  readonly tail: number | undefined;
  /**
   * Every change after `seq`, each exactly once and in order, and then every new one as it comes, until the signal aborts.
   * Nothing is buffered: what a slow follower has not asked for yet is read from the change log when it does.
   */
  follow(following: Following, seq: number, signal: AbortSignal): AsyncGenerator<Change, void>;
}

/** The changes that a follower waited for, and how far the log was read with them. */
interface News {
  readonly changes: readonly Change[];
  readonly seq: number;
}

interface Waiter {
  readonly following: Following;
  readonly after: number;
  readonly wake: (news: News | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** The most changes in one read of the log, and so the most that a follower holds in memory. */
const READ_SIZE = 500;
/** Writes of another process do not ring our bell, so the change log is polled this often as well. */
const POLL_INTERVAL_MS = 1_000;

/**
 * A follower reads the log up to its end by itself. Then it waits: the end of the log is read once for all that wait, and only
 * those that asked for what came are woken. One that is still busy by then reads the log itself, and waits again.
 */
export function createChangeFeed(store: Reads): ChangeFeed {
  const waiters = new Set<Waiter>();
  // Indexed by the narrowest thing followed, so that a change finds its followers without a scan.
  const byName = new Map<string, Set<Waiter>>();
  let tail: number | undefined;

  async function run(from: number): Promise<void> {
    tail = from;
    try {
      while (waiters.size > 0) {
        const rung = store.bell.next();
        const { rows } = await store.listChanges({}, { limit: READ_SIZE, fromEnd: false, after: tail });
        const last = rows.at(-1);
        if (last) {
          tail = last.seq;
          dispatch(rows, tail);
        } else await ringOrTimeout(rung);
      }
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error);
    } finally {
      tail = undefined;
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

  /**
   * Resolves with the next changes after `seq`, or with `undefined` once the signal aborts. The caller has everything up to
   * `seq`, and the tail is not past it.
   */
  function next(following: Following, after: number, signal: AbortSignal): Promise<News | undefined> {
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
      if (tail === undefined) void run(after);
    });
  }

  return {
    get tail() {
      return tail;
    },
    async *follow(following, seq, signal) {
      let position = seq;
      while (!signal.aborted) {
        // Reads up to the end as it is now, since a filtered page does not show where the log ends.
        const end = Math.max(tail ?? (await store.changesHead()), position);
        while (position < end && !signal.aborted) {
          const page = { limit: READ_SIZE, fromEnd: false, after: position, before: end + 1 };
          const { rows, hasMore } = await store.listChanges(following, page);
          yield* rows;
          position = hasMore ? (rows.at(-1)?.seq ?? end) : end;
        }
        if (tail !== undefined && tail > position) continue;
        const news = await next(following, position, signal);
        if (!news) return;
        yield* news.changes;
        position = news.seq;
      }
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

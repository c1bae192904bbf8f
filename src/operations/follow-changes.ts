import { CHANGE_KINDS, type Change, type ChangeKind, type FlatNumber, movesFlat } from '../domain/change.ts';
import { createBell } from '../store/bell.ts';
import type { Reads } from '../store/store.ts';

/** The changes that a follower asks for; without a flat and an intercom, those of all. */
export interface Following {
  /** Lines alone when it is absent. */
  readonly kinds?: readonly ChangeKind[] | undefined;
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
  /** Where that flat is, so that it is followed through changes of its intercom's range as well. */
  readonly flatIn?: FlatNumber | undefined;
}

export interface ChangeFeed {
  /** How far the log was read for those that wait for changes of lines; `undefined` while nobody does. */
  readonly tail: number | undefined;
  /** Follows every change after `seq`. */
  follow(following: Following, seq: number): Follower;
}

/**
 * Iterates over every change after its start, each exactly once and in order, and then over every new one as it comes, until
 * it leaves. Nothing is buffered: what a slow follower has not asked for yet is read from the change log when it does.
 */
export interface Follower extends AsyncIterable<Change> {
  /** Where it starts. */
  readonly seq: number;
  /** The next changes after a position, of which it has all before; `undefined` once it has left. */
  changesAfter(seq: number): Promise<News | undefined>;
  /** Ends it, also while it waits. */
  leave(): void;
}

/** Changes that a follower asked for, at least one, and the position up to which there are no others. */
export interface News {
  readonly changes: readonly Change[];
  readonly seq: number;
}

interface Waiter {
  readonly following: Following;
  readonly after: number;
  readonly resolve: (news: News | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** The most changes in one read of the log, and so the most that a follower holds in memory. */
const READ_SIZE = 500;
/** Writes of another process do not ring our bell, so the change log is polled this often as well. */
const POLL_INTERVAL_MS = 1_000;

/** Most follow lines alone, and those do not read the rest of the log. */
export function createChangeFeed(store: Reads): ChangeFeed {
  const [lines, everything] = [createFeedOf(store, ['LINES_SET']), createFeedOf(store, CHANGE_KINDS)];
  return {
    get tail() {
      return lines.tail;
    },
    follow(following, seq) {
      const isOfLines = following.kinds?.every((it) => it === 'LINES_SET') ?? true;
      return (isOfLines ? lines : everything).follow(following, seq);
    },
  };
}

/**
 * A follower reads the log up to its end by itself. Then it waits: the end of the log is read once for all that wait, and only
 * those that asked for what came are woken. One that was busy meanwhile finds the newest changes in memory; one that was busy
 * for longer reads the log itself, and waits again. While all are busy nothing is read, until the first one waits again.
 */
function createFeedOf(store: Reads, kinds: readonly ChangeKind[]): ChangeFeed {
  // By the narrowest thing followed, so that a change finds its followers without a scan.
  const waiting = new Map<string, Set<Waiter>>();
  let tail: number | undefined;
  /** What was read last for all that wait: every change after `recentAfter`, up to the tail. */
  let recent: Change[] = [];
  let recentAfter = 0;
  /** Rings when somebody waits. */
  const waits = createBell();

  async function run(from: number): Promise<void> {
    tail = from;
    recentAfter = from;
    /** The end of the log before the last read. Rows of other kinds may be there, which can be pruned before the next one of these. */
    let end = from;
    try {
      for (;;) {
        const rung = store.bell.next();
        const { rows, hasMore } = await store.listChanges({ kinds }, { limit: READ_SIZE, fromEnd: false, after: tail });
        const last = rows.at(-1);
        if (last) {
          tail = last.seq;
          keep(rows);
          dispatch(rows, tail);
        }
        if (!hasMore) {
          tail = Math.max(tail, end);
          if (!last) end = await store.changesHead();
        }
        // What is committed after the read rings this bell.
        const isToRead = hasMore || (await ringOrTimeout(rung));
        // Each of those that are busy would read by itself if this ended.
        if (waiting.size === 0 && isToRead) await ringOrTimeout(waits.next());
        if (waiting.size === 0) return;
      }
    } catch (error) {
      for (const group of waiting.values()) {
        for (const waiter of group) {
          remove(waiter);
          waiter.reject(error);
        }
      }
    } finally {
      tail = undefined;
      recent = [];
    }
  }

  function keep(rows: readonly Change[]): void {
    recent.push(...rows);
    if (recent.length <= 2 * READ_SIZE) return;
    const dropped = recent.splice(0, recent.length - READ_SIZE);
    recentAfter = dropped.at(-1)?.seq ?? recentAfter;
  }

  function dispatch(rows: readonly Change[], until: number): void {
    const news = new Map<Waiter, Change[]>();
    for (const change of rows) {
      for (const name of namesOf(change)) {
        for (const waiter of waiting.get(name) ?? []) {
          if (change.seq <= waiter.after || !matches(waiter.following, change)) continue;
          const changes = news.get(waiter);
          if (changes) changes.push(change);
          else news.set(waiter, [change]);
        }
      }
    }
    for (const [waiter, changes] of news) {
      remove(waiter);
      waiter.resolve({ changes, seq: until });
    }
  }

  /** The caller has everything up to its position, and the tail is not past it. */
  function add(waiter: Waiter): void {
    const name = nameOf(waiter.following);
    const group = waiting.get(name);
    if (group) group.add(waiter);
    else waiting.set(name, new Set([waiter]));
    waits.ring();
    if (tail === undefined) void run(waiter.after);
  }

  function remove(waiter: Waiter): void {
    const name = nameOf(waiter.following);
    const group = waiting.get(name);
    if (group?.delete(waiter) && group.size === 0) waiting.delete(name);
  }

  /** The changes after a position that are still in memory; `undefined` when it is further back, or nobody waits. */
  function recentChanges(following: Following, after: number): News | undefined {
    if (tail === undefined || after < recentAfter) return undefined;
    const known = recent.slice(recent.findLastIndex((it) => it.seq <= after) + 1);
    return { changes: known.filter((it) => matches(following, it)), seq: Math.max(tail, after) };
  }

  /** The changes after a position in the next page of the log, up to its end as it is now. */
  async function readChanges(following: Following, after: number): Promise<News> {
    // A filtered page does not show where the log ends.
    const end = Math.max(tail ?? (await store.changesHead()), after);
    if (after === end) return { changes: [], seq: end };
    const page = { limit: READ_SIZE, fromEnd: false, after, before: end + 1 };
    const { rows, hasMore } = await store.listChanges(following, page);
    return { changes: rows, seq: hasMore ? (rows.at(-1)?.seq ?? end) : end };
  }

  return {
    get tail() {
      return tail;
    },
    follow(following, seq) {
      let hasLeft = false;
      let waiter: Waiter | undefined;

      async function changesAfter(after: number): Promise<News | undefined> {
        let position = after;
        while (!hasLeft) {
          const news = recentChanges(following, position) ?? (await readChanges(following, position));
          if (news.changes.length > 0) return news;
          position = news.seq;
          if (hasLeft || (tail !== undefined && tail > position)) continue;
          const { promise, resolve, reject } = Promise.withResolvers<News | undefined>();
          waiter = { following, after: position, resolve, reject };
          add(waiter);
          return promise;
        }
        return undefined;
      }

      return {
        seq,
        changesAfter,
        leave() {
          hasLeft = true;
          if (!waiter) return;
          remove(waiter);
          waiter.resolve(undefined);
        },
        async *[Symbol.asyncIterator]() {
          let position = seq;
          for (;;) {
            const news = await changesAfter(position);
            if (!news) return;
            yield* news.changes;
            position = news.seq;
          }
        },
      };
    },
  };
}

const nameOf = ({ intercomId, flatId, flatIn }: Omit<Following, 'kinds'>): string => {
  if (flatIn) return `intercom ${flatIn.intercomId}`;
  if (flatId !== undefined) return `flat ${flatId}`;
  return intercomId !== undefined ? `intercom ${intercomId}` : 'all';
};

const namesOf = (change: Change): readonly string[] => [
  'all',
  nameOf({ intercomId: change.intercomId }),
  ...('flatId' in change ? [nameOf({ flatId: change.flatId })] : []),
];

function matches({ kinds, intercomId, flatId, flatIn }: Following, change: Change): boolean {
  if (kinds ? !kinds.includes(change.kind) : change.kind !== 'LINES_SET') return false;
  if (intercomId !== undefined && intercomId !== change.intercomId) return false;
  if (flatId === undefined) return true;
  if ('flatId' in change) return flatId === change.flatId;
  return flatIn?.intercomId === change.intercomId && movesFlat(change, flatIn.flat);
}

/** Whether it rang. */
async function ringOrTimeout(rung: Promise<void>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(timeout.resolve, POLL_INTERVAL_MS, false);
  const rang = await Promise.race([rung.then(() => true), timeout.promise]);
  clearTimeout(timer);
  return rang;
}

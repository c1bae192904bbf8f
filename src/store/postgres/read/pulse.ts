import { type Bell, createBell } from '../../bell.ts';

/** How often the head of the log is read while somebody waits: some 100 us of the server and of this process each. */
const BEAT_MS = 20;
/** Who waits asks at least once a second. */
const WAITS_MS = 2_000;

export interface Pulse extends Bell, Disposable {
  /** Rings for a commit of this instance, which ended at `seq`. */
  committed(seq: number): void;
}

/**
 * Rings when any instance has committed after `head`, which was read before anybody waits. It polls, so that there is nothing
 * to lose, whatever is between here and the server.
 */
export function createPulse(readHead: () => Promise<number>, head: number): Pulse {
  const bell = createBell();
  let seen = head;
  let askedAt = 0;
  let isBeating = false;
  let isClosed = false;

  async function beat(): Promise<void> {
    isBeating = true;
    while (!isClosed && performance.now() - askedAt < WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS).unref());
      try {
        const head = await readHead();
        if (head !== seen) bell.ring();
        seen = head;
      } catch {
        // The next beat looks again.
      }
    }
    isBeating = false;
  }

  return {
    ring: bell.ring,
    next() {
      askedAt = performance.now();
      if (!isBeating && !isClosed) void beat();
      return bell.next();
    },
    committed(seq) {
      seen = Math.max(seen, seq);
      bell.ring();
    },
    [Symbol.dispose]() {
      isClosed = true;
    },
  };
}

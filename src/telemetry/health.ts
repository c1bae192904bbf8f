import type { Store } from '../store/store.ts';

export const LIVE_PATH = '/health/live';
export const READY_PATH = '/health/ready';

/** How long an answer holds, in milliseconds, so that nobody makes the server work by asking. */
const HOLDS = 1_000;
/** How long who asks waits for a look that takes its time, in milliseconds; after that the last answer still holds. */
const PATIENCE = 500;

export interface Readiness {
  readonly store: Pick<Store, 'ailment' | 'problem'>;
  /** How much room the database's disk must have, in bytes. */
  readonly minFreeBytes: number;
  /** Aborts when the service is about to stop. */
  readonly draining: AbortSignal;
}

/** Says whether the service should be sent requests. */
export function readiness({ store, minFreeBytes, draining }: Readiness): () => Promise<boolean> {
  let ailment: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    ailment = await store.ailment(minFreeBytes);
    lookedAt = performance.now();
    looking = undefined;
  }

  return async () => {
    if (draining.aborted) return false;
    if (performance.now() - lookedAt > HOLDS) {
      looking ??= look();
      const isFirst = lookedAt === Number.NEGATIVE_INFINITY;
      await (isFirst ? looking : Promise.race([looking, pause(PATIENCE)]));
    }
    // What a commit has met since then counts at once.
    return ailment === undefined && store.problem() === undefined && !draining.aborted;
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

import type { Store } from '../store/store.ts';

export const LIVE_PATH = '/health/live';
export const READY_PATH = '/health/ready';

/** How long a result is reused, so that requests cannot make the service work. */
const MAX_AGE_MS = 1_000;
/** How long a request waits for a slow check; after that the last result is used. */
const TIMEOUT_MS = 500;
/** The same for the first check, which has no result before it. */
const FIRST_TIMEOUT_MS = 2_000;

export interface Readiness {
  readonly store: Pick<Store, 'findStorageProblem' | 'problem'>;
  /** How much room the database's disk must have, in bytes. */
  readonly minFreeBytes: number;
  /** Aborts when the service is about to stop. */
  readonly draining: AbortSignal;
}

/** Returns whether the service should be sent requests. */
export function createReadiness({ store, minFreeBytes, draining }: Readiness): () => Promise<boolean> {
  let found: string | undefined = 'it was not checked yet';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    found = await store.findStorageProblem(minFreeBytes);
    lookedAt = performance.now();
    looking = undefined;
  }

  return async () => {
    if (draining.aborted) return false;
    if (performance.now() - lookedAt > MAX_AGE_MS) {
      looking ??= look();
      const isFirst = lookedAt === Number.NEGATIVE_INFINITY;
      await Promise.race([looking, pause(isFirst ? FIRST_TIMEOUT_MS : TIMEOUT_MS)]);
    }
    // A problem that a commit has met since then counts at once.
    return found === undefined && store.problem() === undefined && !draining.aborted;
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

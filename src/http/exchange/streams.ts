import { type Caller, stillHolds } from '../../domain/caller.ts';
import type { Store } from '../../store/store.ts';
import type { Closable } from './closable.ts';

/** How often the callers of open connections are checked. */
const CHECK_INTERVAL_MS = 1_000;

/** Why a connection ends: the service stops, the caller would no longer be accepted, or nobody can tell. */
export type Cut = 'stopping' | 'revoked' | 'lost';

/** The streams and connections that are open for long. */
export interface Streams {
  /** Counts a stream until it closes; false when its caller has reached its limit. */
  count(stream: Closable, caller: Caller): boolean;
  /** Has a connection cut once its time is over. */
  watch(connection: Closable, caller: Caller, cut: (why: Cut) => void): void;
}

interface StreamsOptions {
  readonly store: Store;
  /** The most open streams of one caller: a token, or all callers without one that are identified in the same way. */
  readonly maxPerCaller: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report: (fault: unknown) => void;
  readonly stop: AbortSignal;
}

const nameOf = (caller: Caller): number | string => (caller.by === 'token' ? caller.tokenId : caller.by);

/**
 * Ends what is open for long: all of it when the service stops, and what has a caller that would no longer be accepted. A client takes
 * a clean end for the end of the subscription; a cut stream makes it reconnect, and then it is notified.
 */
export function createStreams({ store, maxPerCaller, now, report, stop }: StreamsOptions): Streams {
  const counts = new Map<number | string, number>();
  const open = new Map<Closable, { readonly caller: Caller; readonly cut: (why: Cut) => void }>();

  async function lookAgain(): Promise<void> {
    if (open.size === 0) return;
    // A lost database cannot say which tokens are live.
    const live = store.lost() === undefined ? await store.liveTokenIds() : undefined;
    for (const { caller, cut } of open.values()) {
      if (!live) cut('lost');
      else if (!stillHolds(caller, live, now())) cut('revoked');
    }
  }

  const timer = setInterval(() => lookAgain().catch(report), CHECK_INTERVAL_MS).unref();
  stop.addEventListener('abort', () => {
    clearInterval(timer);
    for (const { cut } of open.values()) cut('stopping');
  });

  return {
    count(stream, caller) {
      if (stream.closed) return true;
      const name = nameOf(caller);
      const count = counts.get(name) ?? 0;
      if (count >= maxPerCaller) return false;
      counts.set(name, count + 1);
      stream.once('close', () => {
        const left = (counts.get(name) ?? 0) - 1;
        if (left > 0) counts.set(name, left);
        else counts.delete(name);
      });
      return true;
    },
    watch(connection, caller, cut) {
      if (stop.aborted) cut('stopping');
      if (connection.closed) return;
      open.set(connection, { caller, cut });
      connection.once('close', () => open.delete(connection));
    },
  };
}

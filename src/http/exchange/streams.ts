import type { ServerResponse } from 'node:http';
import { type Caller, stillHolds } from '../../domain/caller.ts';
import type { Store } from '../../store/store.ts';
import type { Exchange } from './exchange.ts';

/** How often the callers of open streams are checked. */
const CHECK_INTERVAL_MS = 1_000;

/** Counts a new stream; false when its caller has reached its limit, and then it is not counted. */
export type BeginStream = (exchange: Exchange) => boolean;

interface Streams {
  readonly store: Store;
  /** The most open streams of one caller: a token, or all callers without one that are identified in the same way. */
  readonly maxPerCaller: number;
  readonly report: (fault: unknown) => void;
  readonly stop: AbortSignal;
}

const nameOf = (caller: Caller): number | string => (caller.by === 'token' ? caller.tokenId : caller.by);

/**
 * Ends open streams: all of them when the service stops, and those whose caller would no longer be accepted. A client takes
 * a clean end for the end of the subscription; a cut stream makes it reconnect, and then it is notified.
 */
export function createStreamLimit({ store, maxPerCaller, report, stop }: Streams): BeginStream {
  const open = new Map<ServerResponse, Caller>();

  async function lookAgain(): Promise<void> {
    if (open.size === 0) return;
    // A lost database cannot say which tokens are live.
    const live = store.lost() === undefined ? await store.liveTokenIds() : undefined;
    for (const [response, caller] of open) if (!live || !stillHolds(caller, live)) response.destroy();
  }

  const timer = setInterval(() => lookAgain().catch(report), CHECK_INTERVAL_MS).unref();
  stop.addEventListener('abort', () => {
    clearInterval(timer);
    for (const response of open.keys()) response.destroy();
  });

  return ({ response, caller }) => {
    if (stop.aborted) response.destroy();
    if (response.closed) return true;
    const name = nameOf(caller);
    let count = 0;
    for (const other of open.values()) if (nameOf(other) === name) count++;
    if (count >= maxPerCaller) return false;
    open.set(response, caller);
    response.once('close', () => open.delete(response));
    return true;
  };
}

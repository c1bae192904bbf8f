import type { ServerResponse } from 'node:http';
import { type Caller, stillHolds } from '../domain/caller.ts';
import type { Store } from '../store/store.ts';

/** How often it is looked whether the callers of open streams may still follow, in milliseconds. */
const LOOK_AGAIN = 1_000;

/** Told of each answer that has become a stream. */
export type OnStream = (response: ServerResponse, caller: Caller) => void;

/**
 * Ends open streams: all of them when the service stops, and those whose caller would not be let in any more. A client
 * takes the clean end of a stream for the end of the subscription; a stream that is cut makes it come back, and then it
 * is told.
 */
export function openStreams(store: Store, report: (fault: unknown) => void, stop: AbortSignal): OnStream {
  const open = new Map<ServerResponse, Caller>();

  async function lookAgain(): Promise<void> {
    if (open.size === 0) return;
    // A database that is lost cannot say whose tokens live.
    const live = store.lost() === undefined ? await store.liveTokenIds() : undefined;
    for (const [response, caller] of open) if (!live || !stillHolds(caller, live)) response.destroy();
  }

  const timer = setInterval(() => lookAgain().catch(report), LOOK_AGAIN).unref();
  stop.addEventListener('abort', () => {
    clearInterval(timer);
    for (const response of open.keys()) response.destroy();
  });

  return (response, caller) => {
    if (stop.aborted) response.destroy();
    open.set(response, caller);
    response.once('close', () => open.delete(response));
  };
}

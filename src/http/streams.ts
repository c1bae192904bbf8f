import type { ServerResponse } from 'node:http';
import { type Caller, stillHolds } from '../domain/caller.ts';
import type { Store } from '../store/store.ts';

/** How often it is looked whether the callers of open streams may still follow, in milliseconds. */
const LOOK_AGAIN = 1_000;

/**
 * Ends the streams among the open answers: all of them when the service stops, and those whose caller would not be let
 * in any more. A client takes the clean end of a stream for the end of the subscription; a stream that is cut makes it
 * come back, and then it is told.
 */
export function openAnswers(store: Store, report: (fault: unknown) => void, stop: AbortSignal) {
  const open = new Map<ServerResponse, Caller>();

  function cutStreams(isDue: (caller: Caller) => boolean): void {
    for (const [response, caller] of open) if (isStream(response) && isDue(caller)) response.destroy();
  }

  async function lookAgain(): Promise<void> {
    if (open.size === 0) return;
    const live = await store.liveTokenIds();
    cutStreams((caller) => !stillHolds(caller, live));
  }

  const timer = setInterval(() => lookAgain().catch(report), LOOK_AGAIN).unref();
  stop.addEventListener('abort', () => {
    clearInterval(timer);
    cutStreams(() => true);
  });

  return {
    add(response: ServerResponse, caller: Caller): void {
      open.set(response, caller);
      response.once('close', () => open.delete(response));
    },
  };
}

/** By what it is, or is going to be; the request's own headers do not tell, since any `Accept` with a `*` fits both. */
const isStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type') ?? response.req.headers.accept).includes('text/event-stream');

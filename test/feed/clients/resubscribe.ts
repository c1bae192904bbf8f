import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { type Failure, failureOf, pauseAfter } from './retry.ts';

interface Payload {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null | undefined;
}

interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: Failure['errors'];
}

/** Called with each result, and with an error when trying again would not help. */
export interface FeedSink {
  next(result: Result): void;
  error(error: unknown): void;
}

/** Subscribes, and returns what ends that. */
export type Subscribe = (payload: Payload, sink: FeedSink) => () => void;

/** What the clients of graphql-sse and graphql-ws have in common. */
interface FeedClient {
  subscribe(
    payload: Payload,
    sink: { next(result: Result): void; error(error: unknown): void; complete(): void },
  ): () => void;
}

/** Over server-sent events. */
export const overEvents = (url: string, token: string): Subscribe =>
  createSubscribe(
    createSseClient({ url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 }) as FeedClient,
  );

/** Over a WebSocket; the token is in its first message. */
export const overWebSocket = (url: string, token: string): Subscribe =>
  createSubscribe(
    createSocketClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    }) as FeedClient,
  );

/**
 * Subscribes, and after every interruption again from the last change that was seen; so ask for `cursor`. Both libraries would
 * retry with the variables that they began with, so their own retries are off.
 */
const createSubscribe =
  (client: FeedClient): Subscribe =>
  (payload, sink) => {
    let after = payload.variables?.['after'];
    let stop = () => {};
    let timer: ReturnType<typeof setTimeout>;
    let isStopped = false;

    function again(failure: Failure): void {
      stop();
      if (isStopped) return;
      clearTimeout(timer);
      try {
        timer = setTimeout(start, pauseAfter(failure));
      } catch (error) {
        isStopped = true;
        sink.error(error);
      }
    }
    function start(): void {
      stop = client.subscribe(
        { ...payload, variables: { ...payload.variables, after } },
        {
          next(result) {
            if (result.errors) return again(result);
            // There is one field at the root of a subscription.
            const [change] = Object.values(result.data ?? {}) as ({ readonly cursor?: string } | undefined)[];
            after = change?.cursor ?? after;
            sink.next(result);
          },
          error: async (error) => again(await failureIn(error)),
          complete: () => again({}),
        },
      );
    }
    start();
    return () => {
      isStopped = true;
      clearTimeout(timer);
      stop();
    };
  };

/** graphql-ws reports errors of GraphQL and closes, graphql-sse answers. */
async function failureIn(error: unknown): Promise<Failure> {
  if (Array.isArray(error)) return { errors: error };
  const { code, response } = error as { readonly code?: unknown; readonly response?: Response };
  if (response) return failureOf(response);
  return typeof code === 'number' ? { closeCode: code } : {};
}

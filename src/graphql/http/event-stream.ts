import type { ExecutionResult } from 'graphql';
import type { EventPace } from './event-pace.ts';
import { COMPLETE, eventOf, SERVER_SENT_EVENTS as FORMAT, PING_MS } from './event-text.ts';

/** The position of a stream of the change log; its subscription advances it with each event. */
export interface StreamPosition {
  /** The cursor of the last event, or of the start; absent in what is not a stream of the log. */
  cursor: string | undefined;
  /** Whether it is a subscription, and not a query that is answered as a stream. */
  isSubscription: boolean;
}

/** Results as server-sent events, for Yoga. */
export function eventStream(
  results: AsyncIterable<ExecutionResult> | ExecutionResult,
  position: StreamPosition,
  pace: EventPace,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = (Symbol.asyncIterator in results ? results : single(results))[Symbol.asyncIterator]();
  let ping: NodeJS.Timeout | undefined;

  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      send(FORMAT.start(position.cursor));
      ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) send(FORMAT.ping);
      }, PING_MS);
    },
    async pull(controller) {
      await pace();
      const { value, done } = await iterator.next();
      controller.enqueue(encoder.encode(done ? COMPLETE : FORMAT.event(eventOf(position.cursor, value))));
      if (!done) return;
      clearInterval(ping);
      controller.close();
    },
    async cancel() {
      clearInterval(ping);
      await iterator.return?.();
    },
  });
}

async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult, void> {
  yield result;
}

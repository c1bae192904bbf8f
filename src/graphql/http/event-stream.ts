import type { ExecutionResult } from 'graphql';
import { giveWay } from '../../operations/give-way.ts';
import { textOfResult } from './answer.ts';

/** How often a silent stream sends a comment: proxies close connections that are silent for a minute. */
const PING_MS = 12_000;

/** The position of a stream of the change log; its subscription advances it with each event. */
export interface StreamPosition {
  /** The cursor of the last event, or of the start; absent in what is not a stream of the log. */
  cursor: string | undefined;
  /** Whether it is a subscription, and not a query that is answered as a stream. */
  isSubscription: boolean;
}

/**
 * Results as server-sent events: `next` for each, and `complete` at the end. Each event has its cursor as `id`, and so has
 * the start, so that a client that reconnects by itself continues with `Last-Event-ID`.
 */
export function eventStream(
  results: AsyncIterable<ExecutionResult> | ExecutionResult,
  position: StreamPosition,
  pace: EventPace,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = (Symbol.asyncIterator in results ? results : single(results))[Symbol.asyncIterator]();
  let ping: NodeJS.Timeout | undefined;
  const id = (): string => (position.cursor === undefined ? '' : `id: ${position.cursor}\n`);

  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      // Something has to be sent at once: some browsers deliver an answer only once its body begins.
      send(`:\n${id()}\n`);
      ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) send(':\n\n');
      }, PING_MS);
    },
    async pull(controller) {
      await pace();
      const { value, done } = await iterator.next();
      const text = done ? 'event: complete\ndata:\n\n' : `event: next\n${id()}data: ${textOfResult(value)}\n\n`;
      controller.enqueue(encoder.encode(text));
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

/** The most events sent in one turn of the event loop, by all streams together; then there is a pause. */
const EVENTS_PER_TURN = 500;
/** The longest such pause. */
const MAX_PAUSE_MS = 10;

/** Resolves when the next event may be sent, in the order of the calls. */
export type EventPace = () => Promise<void>;

/** Paces the events of all streams, so that others are served while many followers receive a bulk of changes. */
export function createEventPace(): EventPace {
  let left = EVENTS_PER_TURN;
  let isCounting = false;
  let pause: Promise<void> | undefined;
  const endTurn = () => {
    isCounting = false;
    if (!pause) left = EVENTS_PER_TURN;
  };
  const endPause = () => {
    left = EVENTS_PER_TURN;
    pause = undefined;
  };
  return async () => {
    if (!isCounting) {
      isCounting = true;
      setImmediate(endTurn);
    }
    while (left === 0) {
      pause ??= giveWay(MAX_PAUSE_MS).then(endPause);
      await pause;
    }
    left--;
  };
}

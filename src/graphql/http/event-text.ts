import type { ExecutionResult } from 'graphql';
import { textOfResult } from './answer.ts';

/** An event as text, and its cursor; a stream that is not one of the change log has none. */
export interface EventText {
  readonly cursor: string | undefined;
  /** The result, as JSON. */
  readonly result: string;
}

export const eventOf = (cursor: string | undefined, result: ExecutionResult): EventText => ({
  cursor,
  result: textOfResult(result),
});

/** How events are written to a stream. */
export interface EventFormat {
  /** Sent at once, unless it is empty: some browsers deliver an answer only once its body begins. */
  start(cursor: string | undefined): string;
  event(event: EventText): string;
  /** An error that ends the stream, and its end. */
  failure(event: EventText): string;
}

/** How often a stream sends a sign of life: proxies close connections that are silent for a minute. */
export const PING_MS = 12_000;

/** A format of answers. */
export interface StreamFormat extends EventFormat {
  readonly headers: Readonly<Record<string, string>>;
  readonly ping: string;
}

const HEADERS = {
  'Cache-Control': 'no-cache',
  Connection: 'keep-alive',
  // Proxies are asked to pass each event on as it comes; nginx would hold it back until its buffer is full.
  'X-Accel-Buffering': 'no',
};

const idOf = (cursor: string | undefined): string => (cursor === undefined ? '' : `id: ${cursor}\n`);
const next = ({ cursor, result }: EventText): string => `event: next\n${idOf(cursor)}data: ${result}\n\n`;

export const COMPLETE = 'event: complete\ndata:\n\n';

/**
 * Server-sent events: `next` for each result, and `complete` at the end. Each event has its cursor as `id`, and so has the
 * start, so that a client that reconnects by itself continues with `Last-Event-ID`.
 */
export const SERVER_SENT_EVENTS: StreamFormat = {
  headers: { 'Content-Type': 'text/event-stream', ...HEADERS },
  start: (cursor) => `:\n${idOf(cursor)}\n`,
  event: next,
  failure: (event) => next(event) + COMPLETE,
  ping: ':\n\n',
};

/** Each part ends with the boundary of the next: Apollo Client takes a part only once it has seen that. */
const part = (json: string): string => `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--graphql`;

/** Apollo's multipart protocol, for which Apollo Client asks by itself. It has no place for cursors. */
export const MULTIPART: StreamFormat = {
  headers: { 'Content-Type': 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"', ...HEADERS },
  start: () => '\r\n--graphql',
  event: ({ result }) => part(`{"payload":${result}}`),
  failure: ({ result }) => `${part(`{"payload":null,${result.slice(1)}`)}--\r\n`,
  ping: part('{}'),
};

import type { ExecutionResult } from 'graphql';
import { textOfResult } from './answer.ts';

// The texts of a stream of server-sent events: `next` for each result, and `complete` at the end. Each event has its cursor as
// `id`, and so has the start, so that a client that reconnects by itself continues with `Last-Event-ID`.

export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  Connection: 'keep-alive',
  // Proxies are asked to pass each event on as it comes; nginx would hold it back until its buffer is full.
  'X-Accel-Buffering': 'no',
};

/** How often a stream sends a comment: proxies close connections that are silent for a minute. */
export const PING_MS = 12_000;
export const PING = ':\n\n';

export const COMPLETE = 'event: complete\ndata:\n\n';

/** A stream that is not one of the change log has no cursor. */
type Cursor = string | undefined;

const idOf = (cursor: Cursor): string => (cursor === undefined ? '' : `id: ${cursor}\n`);

/** Something has to be sent at once: some browsers deliver an answer only once its body begins. */
export const startText = (cursor: Cursor): string => `:\n${idOf(cursor)}\n`;

export const eventText = (cursor: Cursor, result: ExecutionResult): string =>
  `event: next\n${idOf(cursor)}data: ${textOfResult(result)}\n\n`;

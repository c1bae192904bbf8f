import type { ServerResponse } from 'node:http';
import { type EventFormat, PING_MS, type StreamFormat } from './event-text.ts';

/** Where the events of one subscription go. */
export interface EventSink {
  readonly format: EventFormat;
  /** Whether its client has left. */
  readonly isGone: boolean;
  /** Whether its client has yet to take what was sent before. */
  readonly isFull: boolean;
  /** Resolves when it is not full any more, or when its client has left. */
  drained(): Promise<void>;
  send(texts: readonly string[]): void;
  /** Sends the last text. */
  end(text: string): void;
  /** Called once, when its client leaves. */
  onGone(left: () => void): void;
}

/** An answer, which is a stream from now on. */
export function createResponseSink(response: ServerResponse, format: StreamFormat): EventSink {
  // Writing to a response whose client has left would be a fault.
  const send = (text: string) => void (response.destroyed || response.write(text));
  const ping = setInterval(() => response.writableNeedDrain || send(format.ping), PING_MS);
  response.once('close', () => clearInterval(ping));
  return {
    format,
    get isGone() {
      return response.destroyed;
    },
    get isFull() {
      return response.writableNeedDrain;
    },
    drained: () =>
      new Promise((resolve) => {
        const done = () => {
          response.off('drain', done).off('close', done);
          resolve();
        };
        response.on('drain', done).on('close', done);
      }),
    send: (texts) => send(texts.join('')),
    end: (text) => void (response.destroyed || response.end(text)),
    onGone: (left) => void response.once('close', left),
  };
}

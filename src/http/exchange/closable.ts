import { EventEmitter } from 'node:events';

/** What is open until it closes, once: an answer, or a message that is being served. */
export interface Closable {
  readonly closed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** One that is closed by hand. */
export class Holder extends EventEmitter<{ close: [] }> implements Closable {
  closed = false;

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('close');
  }
}

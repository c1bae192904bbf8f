import { type Caller, NOBODY } from '../../domain/caller.ts';
import { type Door, type Outcome, outcomeOfCodes } from '../../telemetry/request-end.ts';
import type { Locale } from '../../texts/index.ts';
import { Holder } from './closable.ts';

/** An answer as JSON; large ones that another thread gave are bytes. */
export interface MessageAnswer {
  readonly status: number;
  readonly text: string | Buffer;
  /** Whether it was executed: without data it was refused before. */
  readonly hasData: boolean;
}

/** A message is like a POST. */
const REQUEST = {
  method: 'POST',
  headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json' },
} as const;

/**
 * A request that came as a message of a WebSocket: doors answer it like one of its own connection. It is over when it is closed,
 * by an answer or by its caller.
 */
export class MessageExchange extends Holder {
  readonly request = REQUEST;
  readonly url: string;
  readonly id: string;
  readonly door: Door;
  readonly startedAt = performance.now();
  readonly locale: Locale;
  caller: Caller = NOBODY;
  operation: string | undefined;
  outcome: Outcome | undefined;
  status: number | undefined;
  answer: MessageAnswer | undefined;
  isStream = false;
  #hasData = true;
  #left: AbortController | undefined;
  readonly #onStream: () => void;

  constructor(id: string, door: Door, url: string, locale: Locale, onStream: () => void) {
    super();
    this.id = id;
    this.door = door;
    this.url = url;
    this.locale = locale;
    this.#onStream = onStream;
  }

  get isGone(): boolean {
    return this.closed;
  }

  /** Aborts when it closes. */
  left(): AbortSignal {
    if (!this.#left) {
      const left = new AbortController();
      if (this.closed) left.abort();
      else this.once('close', () => left.abort());
      this.#left = left;
    }
    return this.#left.signal;
  }

  recordErrors(codes: readonly unknown[], hasData: boolean): void {
    this.outcome = outcomeOfCodes(codes);
    this.#hasData = hasData;
  }

  becomeStream(): void {
    if (this.isStream) return;
    this.isStream = true;
    this.status = 200;
    this.#onStream();
  }

  sendText(status: number, _headers: Readonly<Record<string, string>>, text: string | Buffer): void {
    this.status = status;
    this.answer = { status, text, hasData: this.#hasData };
  }
}

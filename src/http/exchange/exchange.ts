import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, NOBODY } from '../../domain/caller.ts';
import {
  type Door,
  type Outcome,
  outcomeOfCodes,
  outcomeOfStatus,
  type RequestEnd,
  type Watcher,
} from '../../telemetry/request-end.ts';
import { type Locale, localeOf } from '../../texts/index.ts';
import { type AnswerQueue, createAnswerQueue, type Headers } from './answer-queue.ts';
import { MessageExchange } from './message-exchange.ts';

/** A request and its answer, until it closes. The pipeline and the doors record on it what they learn. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly startedAt = performance.now();
  /** The target of the request, without scheme and host. */
  readonly url: string;
  readonly locale: Locale;
  door: Door = 'other';
  caller: Caller = NOBODY;
  /** What a GraphQL operation asks for. */
  operation: string | undefined;
  /** The outcome, where the status alone does not show it. */
  outcome: Outcome | undefined;
  /** The status of an answer that was written past the response. */
  status: number | undefined;
  isStream = false;
  readonly #queue: AnswerQueue;
  readonly #onStream: () => void;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    queue: AnswerQueue,
    onStream: () => void,
  ) {
    this.request = request;
    this.response = response;
    this.id = id;
    this.url = targetOf(request);
    this.locale = localeOf(request.headers['accept-language']);
    this.#queue = queue;
    this.#onStream = onStream;
  }

  get path(): string {
    return withoutQuery(this.url);
  }

  /** The part of the target after its question mark. */
  get query(): string {
    const query = this.url.indexOf('?');
    return query < 0 ? '' : this.url.slice(query + 1);
  }

  /** Headers of every answer, for those that are not sent by the two methods below. */
  setCommonHeaders(): void {
    this.response.setHeader('X-Request-Id', this.id);
    this.response.setHeader('X-Content-Type-Options', 'nosniff');
  }

  /** Sends a complete answer, in the next turn of the event loop at the latest. */
  sendText(status: number, headers: Headers, text: string | Buffer): void {
    this.#queue.add(this.response, status, [], [headers, this.#commonHeaders()], text);
  }

  /** Sends a body as JSON. */
  sendJson(status: number, body: unknown, headers: Headers = {}): void {
    const first = ['Content-Type', 'application/json'];
    this.#queue.add(this.response, status, first, [headers, this.#commonHeaders()], JSON.stringify(body));
  }

  /** Whether there is nobody to answer any more. */
  get isGone(): boolean {
    return this.response.destroyed;
  }

  /** Aborts when the caller leaves before the answer. */
  left(): AbortSignal {
    const left = new AbortController();
    if (this.response.closed) left.abort();
    this.response.once('close', () => left.abort());
    return left.signal;
  }

  /** Records the codes of GraphQL errors in an answer. */
  recordErrors(codes: readonly unknown[], _hasData: boolean): void {
    this.outcome = outcomeOfCodes(codes);
  }

  /** Records that the answer is a stream. */
  becomeStream(): void {
    if (this.isStream) return;
    this.isStream = true;
    this.#onStream();
  }

  /** Ends a handshake that was answered past the response: its connection is a WebSocket from now on. */
  becomeSocket(): void {
    this.status = 101;
    this.response.detachSocket(this.request.socket);
    this.response.emit('close');
  }

  #commonHeaders(): Headers {
    return { 'X-Request-Id': this.id, 'X-Content-Type-Options': 'nosniff' };
  }
}

export interface Exchanges {
  /** Begins the exchange of a request; its end is reported when the response closes. */
  begin(request: IncomingMessage, response: ServerResponse): Exchange;
  /** Begins the exchange of a message of the WebSocket that another exchange opened. */
  beginMessage(opened: Exchange): MessageExchange;
  isStream(response: ServerResponse): boolean;
  /**
   * Records that malformed bytes were answered with this status; `response` is the one in flight on the connection, if there
   * is one. Returns the id.
   */
  unreadable(status: number, response: ServerResponse | undefined): string;
}

type Ended = Pick<Exchange, 'id' | 'door' | 'caller' | 'operation' | 'isStream' | 'startedAt'>;

const EXCHANGE = Symbol('exchange');
type Observed = ServerResponse & { [EXCHANGE]?: Exchange };

/** `addressOf` says where a request came from. */
export function createExchanges(
  watchers: readonly Watcher[],
  addressOf: (request: IncomingMessage) => string | undefined,
): Exchanges {
  const queue = createAnswerQueue();
  const createId = createIds();
  const report = (end: RequestEnd) => {
    for (const watcher of watchers) watcher.request(end);
  };
  const onStream = () => {
    for (const watcher of watchers) watcher.stream?.();
  };

  function reportEnd(
    { id, door, caller, operation, isStream, startedAt }: Ended,
    request: IncomingMessage,
    { method, status, outcome }: Pick<RequestEnd, 'method' | 'status' | 'outcome'>,
  ): void {
    const ms = performance.now() - startedAt;
    const address =
      outcome === 'refused' || outcome === 'denied' || outcome === 'invalid' ? addressOf(request) : undefined;
    report({ id, door, actor: caller.actor, method, operation, status, outcome, ms, address, isStream });
  }

  // One function for all of them, which finds its exchange on the response.
  function closed(this: ServerResponse): void {
    const exchange = (this as Observed)[EXCHANGE] as Exchange;
    const status = exchange.status ?? (this.headersSent ? this.statusCode : undefined);
    // Streams normally end when the client leaves.
    const left = exchange.status === undefined && !this.writableFinished && !exchange.isStream;
    const outcome = left || status === undefined ? 'left' : (exchange.outcome ?? outcomeOfStatus(status));
    reportEnd(exchange, exchange.request, { method: exchange.request.method ?? '', status, outcome });
  }

  return {
    begin(request, response) {
      const exchange = new Exchange(request, response, createId(request.headers['x-request-id']), queue, onStream);
      (response as Observed)[EXCHANGE] = exchange;
      response.on('close', closed);
      return exchange;
    },
    beginMessage({ request, url, locale, door }) {
      const message = new MessageExchange(createId(undefined), door, url, locale, onStream);
      message.once('close', () => {
        const { status, outcome: recorded } = message;
        const outcome = status === undefined ? 'left' : (recorded ?? outcomeOfStatus(status));
        reportEnd(message, request, { method: 'WS', status, outcome });
      });
      return message;
    },
    isStream: (response) => (response as Observed)[EXCHANGE]?.isStream === true,
    unreadable(status, response) {
      const exchange = response && (response as Observed)[EXCHANGE];
      if (exchange) {
        exchange.status = status;
        return exchange.id;
      }
      const id = createId(undefined);
      report({
        id,
        door: 'other',
        actor: NOBODY.actor,
        method: '',
        operation: undefined,
        status,
        outcome: outcomeOfStatus(status),
        ms: 0,
        address: undefined,
        isStream: false,
      });
      return id;
    },
  };
}

/** Callers behind a proxy may send an absolute URL. */
const targetOf = ({ url = '/' }: IncomingMessage): string =>
  url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');

const withoutQuery = (url: string): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};

/** The path of a request whose exchange has not begun. */
export const pathOf = (request: IncomingMessage): string => withoutQuery(targetOf(request));

const PLAIN_ID = /^[\w.:-]{1,128}$/;

/** Takes the id of a caller's `X-Request-Id`, if it is a plain one, or creates a new one. */
function createIds(): (given: string | string[] | undefined) => string {
  // A random prefix and a counter: a random id for each request would cost ten times as much.
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return (given) => (typeof given === 'string' && PLAIN_ID.test(given) ? given : `${prefix}-${(++count).toString(36)}`);
}

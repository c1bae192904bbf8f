import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Door,
  type Outcome,
  outcomeOfCodes,
  outcomeOfStatus,
  type RequestEnd,
  type Watcher,
} from '../../telemetry/request-end.ts';

/** A request and its answer, until it closes. The doors record on it what they learn. */
export interface Exchange {
  readonly id: string;
  readonly startedAt: number;
  readonly method: string;
  door: Door;
  actor: string;
  operation: string | undefined;
  /** The outcome, where the status alone does not show it. */
  outcome: Outcome | undefined;
  /** Also the status of an answer that was written past the response. */
  status: number | undefined;
  isStream: boolean;
}

export interface Exchanges {
  /**
   * Begins the exchange of a request; its end is reported when the response closes. The answer has its id only if its sender
   * adds `commonHeaders`.
   */
  begin(request: IncomingMessage, response: ServerResponse): Exchange;
  /** Records that a response has become a stream. */
  becomesStream(response: ServerResponse): void;
  isStream(response: ServerResponse): boolean;
  /** Records the codes of GraphQL errors in an answer. */
  hasErrors(response: ServerResponse, codes: readonly unknown[]): void;
  /** Records what an operation asks for. */
  asks(response: ServerResponse, operation: string): void;
  /**
   * Records that malformed bytes were answered with this status; `response` is the one in flight on the connection, if there
   * is one. Returns the id.
   */
  unreadable(status: number, response: ServerResponse | undefined): string;
}

const EXCHANGE = Symbol('exchange');
type Observed = ServerResponse & { [EXCHANGE]?: Exchange };

/** Headers of every answer: the request id, and `nosniff`. */
export function commonHeaders(response: ServerResponse): Readonly<Record<string, string>> {
  const id = (response as Observed)[EXCHANGE]?.id;
  return id === undefined
    ? { 'X-Content-Type-Options': 'nosniff' }
    : { 'X-Request-Id': id, 'X-Content-Type-Options': 'nosniff' };
}

/** `addressOf` says where a request came from. */
export function createExchanges(
  watchers: readonly Watcher[],
  addressOf: (request: IncomingMessage) => string | undefined,
): Exchanges {
  const report = (end: RequestEnd) => {
    for (const watcher of watchers) watcher.request(end);
  };

  // One function for all of them, which finds its exchange on the response.
  function closed(this: ServerResponse): void {
    const exchange = (this as Observed)[EXCHANGE] as Exchange;
    const status = exchange.status ?? (this.headersSent ? this.statusCode : undefined);
    // Streams normally end when the client leaves.
    const left = exchange.status === undefined && !this.writableFinished && !exchange.isStream;
    const { id, door, actor, method, operation, isStream } = exchange;
    const outcome = left || status === undefined ? 'left' : (exchange.outcome ?? outcomeOfStatus(status));
    const ms = performance.now() - exchange.startedAt;
    const address =
      outcome === 'refused' || outcome === 'denied' || outcome === 'invalid' ? addressOf(this.req) : undefined;
    report({ id, door, actor, method, operation, status, outcome, ms, address, isStream });
  }

  return {
    begin(request, response) {
      const exchange: Exchange = {
        id: requestId(request.headers['x-request-id']),
        startedAt: performance.now(),
        method: request.method ?? '',
        door: 'other',
        actor: 'nobody',
        operation: undefined,
        outcome: undefined,
        status: undefined,
        isStream: false,
      };
      (response as Observed)[EXCHANGE] = exchange;
      response.on('close', closed);
      return exchange;
    },
    isStream: (response) => (response as Observed)[EXCHANGE]?.isStream === true,
    becomesStream(response) {
      const exchange = (response as Observed)[EXCHANGE];
      if (!exchange || exchange.isStream) return;
      exchange.isStream = true;
      for (const watcher of watchers) watcher.stream?.();
    },
    hasErrors(response, codes) {
      const exchange = (response as Observed)[EXCHANGE];
      if (exchange) exchange.outcome = outcomeOfCodes(codes);
    },
    asks(response, operation) {
      const exchange = (response as Observed)[EXCHANGE];
      if (exchange) exchange.operation = operation;
    },
    unreadable(status, response) {
      const exchange = response && (response as Observed)[EXCHANGE];
      if (exchange) {
        exchange.status = status;
        return exchange.id;
      }
      const id = requestId(undefined);
      report({
        ...{ id, door: 'other', actor: 'nobody', method: '', operation: undefined, isStream: false },
        ...{ status, outcome: outcomeOfStatus(status), ms: 0, address: undefined },
      });
      return id;
    },
  };
}

const GIVEN = /^[\w.:-]{1,128}$/;

// A random prefix and a counter: a random id for each request would cost ten times as much.
const run = randomBytes(6).toString('hex');
let count = 0;

/** The id that a caller gave the request in `X-Request-Id`, if it is a plain one, or a new one. */
export const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && GIVEN.test(given) ? given : `${run}-${(++count).toString(36)}`;

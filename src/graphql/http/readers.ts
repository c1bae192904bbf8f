import type { Caller } from '../../domain/caller.ts';
import type { Exchange } from '../../http/exchange/exchange.ts';
import type { Locale } from '../../texts/index.ts';
import { overloaded } from '../engine/limits.ts';
import { sendResult } from './answer.ts';
import { createErrorMask, type ReportFault } from './mask-errors.ts';
import { mediaTypeOf } from './media-type.ts';
import { COST_HEADER } from './request.ts';

/** A request as another thread gets it. */
export interface ReaderRequest {
  readonly method: 'GET' | 'POST';
  /** The target, without scheme and host. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly caller: Caller;
  readonly locale: Locale;
}

/** An answer of another thread; `stream` when only the thread with the sockets can answer, and nothing was done. */
export type ReaderAnswer =
  | 'stream'
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      /** What it asked for, and the codes of its errors, for the log. */
      readonly operation: string | undefined;
      readonly codes: readonly unknown[] | undefined;
    };

/** Answers requests in other threads. */
export interface Readers {
  /**
   * Callers take turns. Rejects with `OverloadedError` when too many requests of the caller wait, or a read takes too long.
   * `reserve` is asked before a large answer is read.
   */
  answer(request: ReaderRequest, left: AbortSignal, reserve: (bytes: number) => boolean): Promise<ReaderAnswer>;
}

/** The request was not answered, since there is too much to do. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

interface HandOver {
  readonly report: ReportFault;
  readonly reserve: (exchange: Exchange, bytes: number) => boolean;
}

/** Lets the readers answer a request; false when they cannot, and nothing was done. */
export function createHandOver(readers: Readers, { report, reserve }: HandOver) {
  const maskError = createErrorMask(report);

  function refuse(exchange: Exchange, fault: unknown): void {
    const error = maskError(fault instanceof OverloadedError ? overloaded(exchange.locale) : fault);
    sendResult(exchange, { errors: [error] }, mediaTypeOf(exchange.request.headers.accept) ?? 'application/json');
  }

  return async (exchange: Exchange, body: Buffer): Promise<boolean> => {
    const request = requestOf(exchange, body);
    if (!request) return false;
    try {
      const answer = await readers.answer(request, exchange.left(), (bytes) => reserve(exchange, bytes));
      if (answer === 'stream') return false;
      if (exchange.isGone) return true;
      exchange.operation = answer.operation;
      if (answer.codes) exchange.recordErrors(answer.codes);
      const { buffer, byteOffset, byteLength } = answer.body;
      exchange.sendText(answer.status, answer.headers, Buffer.from(buffer, byteOffset, byteLength));
    } catch (fault) {
      if (!exchange.isGone) refuse(exchange, fault);
    }
    return true;
  };
}

/** The headers that an answer depends on, beside those that are parsed already. */
const HEADERS = ['accept', 'content-type', 'content-encoding', 'last-event-id', COST_HEADER];

/** Other methods are refused, which takes no time. */
function requestOf({ request, url, caller, locale }: Exchange, body: Buffer): ReaderRequest | undefined {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST') return undefined;
  const given = HEADERS.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, String(value)]];
  });
  // A copy of its own is handed over; bytes of a socket may share their memory with others.
  return { method, url, headers: Object.fromEntries(given), body: new Uint8Array(body), caller, locale };
}

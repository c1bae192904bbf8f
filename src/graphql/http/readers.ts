import type { Caller } from '../../domain/caller.ts';
import type { Locale } from '../../texts/index.ts';
import type { DocumentCache } from '../engine/document-cache.ts';
import { overloaded } from '../engine/limits.ts';
import { sendResult } from './answer.ts';
import type { DoorExchange } from './door-exchange.ts';
import { createErrorMask, type ReportFault } from './mask-errors.ts';
import { mediaTypeOf } from './media-type.ts';
import { COST_HEADER } from './request.ts';

/** A document and the hash by which requests name it. */
export interface Persisted {
  readonly hash: string;
  readonly query: string;
}

/** A request as another thread gets it. */
export interface ReaderRequest {
  readonly method: 'GET' | 'POST';
  /** The target, without scheme and host. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The text of the document that the body names by its hash, where it is known here. */
  readonly document?: Persisted | undefined;
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
      /** Whether the operation was executed, where there are errors. */
      readonly hasData?: boolean | undefined;
      /** The document that the request sent with its hash, if it has no errors. */
      readonly learned?: Persisted | undefined;
      /** The hash of a document that the thread does not know; nothing was done. */
      readonly unknownHash?: string | undefined;
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

interface HandOver<E extends DoorExchange> {
  readonly report: ReportFault;
  readonly documents: DocumentCache;
  readonly reserve: (exchange: E, bytes: number) => boolean;
}

/**
 * Lets the readers answer a request; false when they cannot, and nothing was done. Each thread has documents of its own: one that
 * is named by its hash is sent along where this thread knows it, and this one learns what others are sent.
 */
export function createHandOver<E extends DoorExchange>(readers: Readers, { report, documents, reserve }: HandOver<E>) {
  const maskError = createErrorMask(report);

  function refuse(exchange: E, fault: unknown): void {
    const error = maskError(fault instanceof OverloadedError ? overloaded(exchange.locale) : fault);
    sendResult(exchange, { errors: [error] }, mediaTypeOf(exchange.request.headers.accept) ?? 'application/json');
  }

  const known = (hash: string | undefined): Persisted | undefined => {
    const query = hash === undefined ? undefined : documents.find(hash);
    return hash === undefined || query === undefined ? undefined : { hash, query };
  };

  async function ask(exchange: E, body: Buffer, document: Persisted | undefined): Promise<ReaderAnswer> {
    const request = requestOf(exchange, body, document);
    if (!request) return 'stream';
    const answer = await readers.answer(request, exchange.left(), (bytes) => reserve(exchange, bytes));
    if (answer === 'stream') return answer;
    const { learned, unknownHash } = answer;
    if (learned) documents.keep(learned.query, learned.hash);
    const missing = known(unknownHash);
    return missing && !document ? ask(exchange, body, missing) : answer;
  }

  /** `hash` is the one that names the document, if the body was parsed here. */
  return async (exchange: E, body: Buffer, hash?: string): Promise<boolean> => {
    try {
      const answer = await ask(exchange, body, known(hash));
      if (answer === 'stream') return false;
      if (exchange.isGone) return true;
      exchange.operation = answer.operation;
      if (answer.codes) exchange.recordErrors(answer.codes, answer.hasData === true);
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
function requestOf(
  { request, url, caller, locale }: DoorExchange,
  body: Buffer,
  document: Persisted | undefined,
): ReaderRequest | undefined {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST') return undefined;
  const given = HEADERS.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, String(value)]];
  });
  // A copy of its own is handed over; bytes of a socket may share their memory with others.
  return { method, url, headers: Object.fromEntries(given), body: new Uint8Array(body), document, caller, locale };
}

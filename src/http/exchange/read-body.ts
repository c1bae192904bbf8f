import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteBudget } from './byte-budget.ts';

/** The request ended before its body did; there is nobody to answer. */
export class BodyCutShortError extends Error {
  override readonly name = 'BodyCutShortError';
}

/** How long the rest of an unread body is accepted: long enough for its sender to see the answer. */
const LINGER_MS = 1_000;

/** A body of up to so many bytes is always read, whatever large bodies are held. */
const SMALL_BYTES = 64 * 1024;

export const NO_BODY: Buffer = Buffer.alloc(0);

/** A body, or why it is not read: it is too large, or too many bytes of other bodies are held. */
export type Body = Buffer | 'tooLarge' | 'overloaded';

/** Reads the whole body, at once where it is there already. A large one counts in `budget` until the answer is out. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  budget: ByteBudget,
): Body | Promise<Body> {
  const { expect, 'content-length': announced } = request.headers;
  const size = Number(announced);
  if (size > maxBytes) return 'tooLarge';
  // Most bodies came together with their heads. Such a body is taken as it is: events for its parts cost more. A client that sent
  // `Expect: 100-continue` still gets its 100: without it Node would close the connection after the answer.
  if (size > 0 && request.readableLength === size && expect === undefined) {
    const body: Buffer = request.read();
    // It ends only once more is read.
    request.resume();
    return body;
  }
  // HTTP/1.0 knows no such answer.
  if (expect !== undefined && request.httpVersion === '1.1') response.writeContinue();
  return comingBody(request, response, maxBytes, budget);
}

function comingBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  budget: ByteBudget,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    request.on('data', (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      if (size <= maxBytes && (size <= SMALL_BYTES || budget.reserve(response, chunk.length))) {
        chunks.push(chunk);
        return;
      }
      refused = true;
      chunks.length = 0;
      resolve(size > maxBytes ? 'tooLarge' : 'overloaded');
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('close', () => {
      if (!request.complete) reject(new BodyCutShortError());
    });
  });
}

/** Closing a connection while its sender still sends would destroy the answer, so the rest is accepted for a while. */
export function cutAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    setTimeout(() => {
      if (!request.complete) request.destroy();
    }, LINGER_MS).unref();
  });
}

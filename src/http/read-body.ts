import type { IncomingMessage } from 'node:http';

/** The body of a request that ended before its body did; nobody is there to be answered. */
export class BodyCutShort extends Error {
  override readonly name = 'BodyCutShort';
}

/** Whether the request says itself that its body is larger than `maxBytes`. */
export const declaresMoreThan = (request: IncomingMessage, maxBytes: number): boolean =>
  Number(request.headers['content-length'] ?? 0) > maxBytes;

/** Reads the whole body; `undefined` when it is larger than `maxBytes`, and then the rest is left to be discarded. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (declaresMoreThan(request, maxBytes)) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => reject(new BodyCutShort()));
    request.on('close', () => reject(new BodyCutShort()));
  });
}

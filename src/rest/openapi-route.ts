import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openApiDocument } from './openapi.ts';

export const OPENAPI_PATH = '/api/openapi.json';

interface Document {
  readonly text: string;
  readonly etag: string;
}

let built: Document | undefined;

/** Made when somebody asks for it, once. */
function document(): Document {
  if (built) return built;
  const text = JSON.stringify(openApiDocument());
  built = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"` };
  return built;
}

/** Sends the description of the REST route, or says that the caller's copy is still good (RFC 9110, 13.1.2). */
export function sendOpenApi({ headers }: IncomingMessage, response: ServerResponse): void {
  const { text, etag } = document();
  // A new version of the service is seen at once; a copy costs no more than the question.
  const validators = { ETag: etag, 'Cache-Control': 'private, no-cache' };
  const known = headers['if-none-match']
    ?.split(',')
    .some((it) => it.trim() === '*' || it.trim().replace(/^W\//, '') === etag);
  if (known) {
    response.writeHead(304, validators).end();
    return;
  }
  response
    .writeHead(200, { ...validators, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { etagOf, hasCopy } from '../http/exchange/held-copy.ts';
import { openApiDocument } from './openapi.ts';

export const OPENAPI_PATH = '/api/openapi.json';

interface Document {
  readonly text: string;
  readonly etag: string;
}

let built: Document | undefined;

/** Built once, on first use. */
function document(): Document {
  if (built) return built;
  const text = JSON.stringify(openApiDocument());
  built = { text, etag: etagOf(text) };
  return built;
}

/** Sends the description of the REST route, or says that the caller's copy is still good. */
export function sendOpenApi({ headers }: IncomingMessage, response: ServerResponse): void {
  const { text, etag } = document();
  // A new version of the service is seen at once; a copy costs no more than the question.
  const validators = { ETag: etag, 'Cache-Control': 'private, no-cache' };
  if (hasCopy(headers, etag)) {
    response.writeHead(304, validators).end();
    return;
  }
  response
    .writeHead(200, { ...validators, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

import { etagOf, hasCopy } from '../http/exchange/held-copy.ts';
import { READS, type Route } from '../http/exchange/route.ts';
import { openApiDocument } from './openapi.ts';

export const OPENAPI_PATH = '/api/openapi.json';

interface Document {
  readonly text: string;
  readonly etag: string;
}

function buildDocument(): Document {
  const text = JSON.stringify(openApiDocument());
  return { text, etag: etagOf(text) };
}

/** The description of the REST route, built once, on first use. */
export function createOpenApiRoute(): Route {
  let document: Document | undefined;

  return {
    path: OPENAPI_PATH,
    door: 'other',
    scope: 'read',
    methods: READS,
    handle(exchange) {
      const { request, response } = exchange;
      document ??= buildDocument();
      const { text, etag } = document;
      exchange.setCommonHeaders();
      // A new version of the service is seen at once; a copy costs no more than the question.
      const validators = { ETag: etag, 'Cache-Control': 'private, no-cache' };
      if (hasCopy(request.headers, etag)) {
        response.writeHead(304, validators).end();
        return;
      }
      const length = Buffer.byteLength(text);
      response
        .writeHead(200, { ...validators, 'Content-Type': 'application/json', 'Content-Length': length })
        .end(text);
    },
  };
}

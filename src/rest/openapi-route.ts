import { readFile } from 'node:fs/promises';
import { etagOf, hasCopy } from '../http/exchange/held-copy.ts';
import { READS, type Route } from '../http/exchange/route.ts';

export const OPENAPI_PATH = '/api/openapi.json';

const FILE = new URL('./openapi.json', import.meta.url);

interface Document {
  readonly content: Buffer;
  readonly etag: string;
}

async function readDocument(): Promise<Document> {
  const content = await readFile(FILE);
  return { content, etag: etagOf(content) };
}

/** The description of the REST route, read once, on first use. */
export function createOpenApiRoute(): Route {
  let document: Document | undefined;

  return {
    path: OPENAPI_PATH,
    door: 'other',
    scope: 'read',
    methods: READS,
    async handle(exchange) {
      document ??= await readDocument();
      const { content, etag } = document;
      // A new version of the service is seen at once; a copy costs no more than the question.
      const validators = { ETag: etag, 'Cache-Control': 'private, no-cache' };
      if (hasCopy(exchange.request.headers, etag)) {
        exchange.setCommonHeaders();
        exchange.response.writeHead(304, validators).end();
        return;
      }
      exchange.sendText(200, { ...validators, 'Content-Type': 'application/json' }, content);
    },
  };
}

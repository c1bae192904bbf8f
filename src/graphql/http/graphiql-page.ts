import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { takesGzip } from '../../http/exchange/accept-encoding.ts';
import { etagOf, hasCopy } from '../../http/exchange/held-copy.ts';

/** Whether GraphiQL is served: as the operator says, or only as long as there is no token. */
export type GraphiqlSetting = boolean | 'untilToken';

/** Whether a browser asks for the page; then nothing is executed, whatever the request contains. */
export const asksForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true;

interface Page {
  readonly plain: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
}

const PIECE_BYTES = 64 * 1024;

/** The operations that GraphiQL opens with: one for each capability, on the data of the demo. */
const EXAMPLES = new URL('../examples/', import.meta.url);

export async function readExamples(): Promise<readonly string[]> {
  const names = (await readdir(EXAMPLES)).filter((it) => it.endsWith('.graphql')).sort();
  return Promise.all(names.map((it) => readFile(new URL(it, EXAMPLES), 'utf8')));
}

/** The page needs no network: its nine megabytes contain everything. */
async function buildPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const defaultTabs = (await readExamples()).map((query) => ({ query }));
  const plain = Buffer.from(renderGraphiQL({ title: 'intercom-flats', defaultTabs }));
  return { plain, compressed: await promisify(gzip)(plain), etag: etagOf(plain) };
}

/** Sends GraphiQL, which is built once, on first use. All readers share the same bytes, however slow they are. */
export function createGraphiqlPage(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let page: Promise<Page> | undefined;

  return async ({ headers }, response) => {
    page ??= buildPage();
    const { plain, compressed, etag } = await page;
    response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
    response.setHeader('Vary', 'Accept, Accept-Encoding');
    response.setHeader('Cache-Control', 'private, no-cache');
    const isCompressed = takesGzip(headers['accept-encoding']);
    // The two are not the same bytes.
    const ownEtag = isCompressed ? etag.replace(/"$/, '-gzip"') : etag;
    response.setHeader('ETag', ownEtag);
    if (hasCopy(headers, ownEtag)) {
      response.writeHead(304).end();
      return;
    }
    if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
    const body = isCompressed ? compressed : plain;
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length });
    sendPieces(response, body, 0);
  };
}

/** One write of megabytes would block others while the system copies it. */
function sendPieces(response: ServerResponse, body: Buffer, start: number): void {
  for (let at = start; at < body.length; at += PIECE_BYTES) {
    if (response.write(body.subarray(at, at + PIECE_BYTES))) continue;
    response.once('drain', () => sendPieces(response, body, at + PIECE_BYTES));
    return;
  }
  response.end();
}

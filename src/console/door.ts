import { takesGzip } from '../http/exchange/accept-encoding.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import { hasCopy } from '../http/exchange/held-copy.ts';
import { READS, type Route } from '../http/exchange/route.ts';
import { textsOf } from '../texts/index.ts';
import { buildPageFiles, type PageFiles } from './page-files.ts';

export const CONSOLE_PATH = '/console/';
const WITHOUT_SLASH = '/console';
const YEAR_SECONDS = 31_536_000;

/** Nothing from elsewhere, no inline code, and no text that becomes markup or code. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

/**
 * The pages for staff. They hold no data and send a token themselves, so they are served before callers are identified:
 * else each file would count as a request without a token.
 */
export function createConsoleRoute(
  report: (fault: unknown) => void,
  serviceName: string | undefined,
  build: (serviceName: string | undefined) => Promise<PageFiles> = buildPageFiles,
): Route {
  let building: Promise<PageFiles | undefined> | undefined;

  return {
    path: CONSOLE_PATH,
    matches: (path) => path === WITHOUT_SLASH || path.startsWith(CONSOLE_PATH),
    door: 'console',
    methods: READS,
    scope: null,
    isPublic: true,
    async handle(exchange) {
      // Names in the page are relative to it.
      if (exchange.path === WITHOUT_SLASH) {
        return exchange.sendText(308, { ...HEADERS, Location: CONSOLE_PATH, 'Content-Type': 'text/plain' }, '');
      }
      // Built once, even when it fails: a build takes a moment of the processor, and anybody may ask for it.
      building ??= build(serviceName).catch((fault: unknown) => {
        report(fault);
        return undefined;
      });
      sendFile(exchange, await building);
    },
  };
}

function sendFile(exchange: Exchange, files: PageFiles | undefined): void {
  const texts = textsOf(exchange.locale);
  const file = files?.get(exchange.path.slice(CONSOLE_PATH.length));
  if (!file) {
    const [status, message] = files ? [404, texts.unknownPath] : [503, texts.consoleNotBuilt];
    exchange.sendJson(status as number, { message }, HEADERS);
    return;
  }
  const { headers } = exchange.request;
  const isCompressed = takesGzip(headers['accept-encoding']);
  // The two are not the same bytes.
  const etag = isCompressed ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  const about = {
    ...HEADERS,
    'Cache-Control': file.isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
    Vary: 'Accept-Encoding',
    ETag: etag,
  };
  if (hasCopy(headers, etag)) {
    exchange.setCommonHeaders();
    exchange.response.writeHead(304, about).end();
    return;
  }
  exchange.sendText(
    200,
    { 'Content-Type': file.type, ...(isCompressed && { 'Content-Encoding': 'gzip' }), ...about },
    isCompressed ? file.compressed : file.plain,
  );
}

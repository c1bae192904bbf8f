import type { IncomingMessage, ServerResponse } from 'node:http';

const METHODS = 'GET, POST, PATCH';
const EXPOSED = 'ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, X-Unknown-Keys';
/** Names of headers, separated by commas (RFC 9110, 5.6.2). */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;
/** How long a browser may cache the answer to a preflight; no browser keeps it longer. */
const MAX_AGE_SECONDS = 7_200;

/** Whether an entry is an origin as browsers send it, like `https://dashboard.example`. */
export const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/**
 * Lets pages of these origins read the answers. A page shows its own token, so no cookies are asked for. Returns whether the
 * request is a preflight, which is answered without a body.
 */
export function createCors(
  origins: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const allowed = new Set(origins);
  return ({ method, headers }, response) => {
    if (allowed.size === 0) return false;
    response.setHeader('Vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !allowed.has(origin)) return false;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    // Client libraries add headers of their own; for an origin that is allowed none of them is a danger.
    const asked = headers['access-control-request-headers'];
    if (asked !== undefined && HEADER_NAMES.test(asked)) response.setHeader('Access-Control-Allow-Headers', asked);
    response.setHeader('Access-Control-Max-Age', MAX_AGE_SECONDS);
    return true;
  };
}

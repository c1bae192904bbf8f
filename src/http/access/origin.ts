import type { IncomingHttpHeaders } from 'node:http';

/** Whether a page may open a WebSocket: browsers ask nobody before, so the service has to look where the page comes from. */
export type AcceptsOrigin = (headers: IncomingHttpHeaders) => boolean;

/** Accepts pages of the service itself and of these origins, and whatever is no page. */
export function createOriginCheck(origins: readonly string[]): AcceptsOrigin {
  const allowed = new Set(origins);
  return ({ origin, host }) => origin === undefined || allowed.has(origin) || isOwn(origin, host);
}

/** A proxy may take TLS away, so the scheme is the one of the page; a port may be left out where it is that of the scheme. */
function isOwn(origin: string, host: string | undefined): boolean {
  const [, scheme, authority] = /^(https?):\/\/(.+)$/.exec(origin) ?? [];
  if (authority === undefined || host === undefined) return false;
  const own = `${scheme}://${host}`;
  return URL.canParse(own) && new URL(own).host === authority.toLowerCase();
}

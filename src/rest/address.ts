import type { IncomingMessage } from 'node:http';

export const REST_PATH = '/api/v1/billing/intercom-flats';

/**
 * Whether a path is that of the route, as lenient as the vendor's server: slashes may be doubled, and stand at the end.
 */
export const isRestPath = (path: string): boolean =>
  path === REST_PATH || (path.length < 100 && path.replace(/\/{2,}/g, '/').replace(/\/$/, '') === REST_PATH);

/** The method that is meant: clients that cannot send `PATCH` send `POST` and say so in a header. */
export function methodOf({ method, headers }: IncomingMessage): string | undefined {
  const override = headers['x-http-method-override'];
  return method === 'POST' && typeof override === 'string' && /^\s*PATCH\s*$/i.test(override) ? 'PATCH' : method;
}

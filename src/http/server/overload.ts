import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { textsOf } from '../../texts/index.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** How long a connection above the limit may take to send its request, which is answered with 503. */
const REQUEST_TIMEOUT_MS = 1_000;
/** The most of these connections; more are cut without an answer. */
const MAX_REFUSED = 200;
/** How often idle connections are looked for. */
const CHECK_INTERVAL_MS = 100;

/**
 * Serves at most `max` connections. When there are more, those that are kept for a next request are closed first; if that
 * makes no room, a request on a new one is answered with 503. `begin` is called first, so that it is logged and counted.
 */
export function limitConnections(
  server: Server,
  max: number,
  listener: RequestListener,
  begin: (request: IncomingMessage, response: ServerResponse) => Exchange,
): RequestListener {
  const above = new WeakMap<Socket, NodeJS.Timeout>();
  let open = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  server.maxConnections = max + MAX_REFUSED;

  server.on('connection', (socket: Socket) => {
    open++;
    const timer = open > max ? setTimeout(() => socket.destroy(), REQUEST_TIMEOUT_MS) : undefined;
    socket.once('close', () => {
      open--;
      clearTimeout(timer);
    });
    if (!timer) return;
    above.set(socket, timer);
    if (performance.now() - lookedAt < CHECK_INTERVAL_MS) return;
    lookedAt = performance.now();
    server.closeIdleConnections();
  });

  /** Whether a connection that came above the limit still is. */
  function isAbove(socket: Socket): boolean {
    if (!above.has(socket)) return false;
    if (open > max) return true;
    clearTimeout(above.get(socket));
    above.delete(socket);
    return false;
  }

  return (request, response) => {
    if (!isAbove(request.socket)) return listener(request, response);
    const exchange = begin(request, response);
    const message = textsOf(exchange.locale).tooManyConnections;
    exchange.sendJson(503, { message }, { 'Retry-After': '1', Connection: 'close' });
  };
}

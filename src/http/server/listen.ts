import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Exchange } from '../exchange/exchange.ts';
import { trackConnections } from './connections.ts';
import { limitConnections } from './overload.ts';

// An import of `node:http` reads all that it exports, its `WebSocket` among it: that loads undici, a tenth of a start.
const { createServer, maxHeaderSize, STATUS_CODES } = process.getBuiltinModule('node:http');

/** A server that listens; disposing of it stops accepting and waits for what is in flight. */
export interface Listening extends AsyncDisposable {
  /** Like `http://127.0.0.1:4000`. */
  readonly url: string;
}

/** A message for the operator, with what to do about it. */
export class CannotListenError extends Error {
  override readonly name = 'CannotListenError';
}

/** A service that must not listen on the configured host; the message says what to do first. */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
}

export interface ConnectionLimits {
  /** How many may be open at once, streams among them. */
  readonly connections: number;
  /** How long the headers, and a whole request, may take to arrive, in milliseconds. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How long a client may take nothing of an answer that is there, in milliseconds. */
  readonly readerTimeout: number;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** How long a kept connection must be idle before a stop ends it, in milliseconds. */
  readonly idleBeforeCloseMs: number;
  readonly limits: ConnectionLimits;
  /** Called for requests that are answered before the listener sees them. */
  readonly begin: (request: IncomingMessage, response: ServerResponse) => Exchange;
  /** Whether a response is a stream. */
  readonly isStream: (response: ServerResponse) => boolean;
  /** Called for bytes that are not a request and were answered all the same; returns the id of the answer. */
  readonly unreadable: (status: number, inFlight: ServerResponse | undefined) => string;
}

/** How often late requests are checked for. */
const TIMEOUT_CHECK_MS = 1_000;

/** How long a connection is kept for a next request: longer than proxies do, since they must close it first. */
const KEEP_ALIVE_MS = 65_000;

/** How long the sender of a malformed request may take to see the answer. */
const LINGER_MS = 1_000;

/** What answers requests. */
export interface Served {
  readonly listener: RequestListener;
  /** Whether a request for another protocol gets to the listener as such; others are answered like any request. */
  readonly takesUpgrade: (request: IncomingMessage) => boolean;
}

export async function listen({ listener, takesUpgrade }: Served, options: ServeOptions): Promise<Listening> {
  const { host, port, limits } = options;
  const server = createServer({
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // The listener answers this in JSON.
    requireHostHeader: false,
    shouldUpgradeCallback: takesUpgrade,
  });
  const limited = limitConnections(server, limits.connections, listener, options.begin);
  const connections = trackConnections(server, limited, {
    idleBeforeCloseMs: options.idleBeforeCloseMs,
    readerTimeout: limits.readerTimeout,
    isStream: options.isStream,
  });
  server.on('clientError', (error, socket) => {
    const inFlight = connections.inFlightOn(socket);
    // Bytes after a complete request do not affect its answer; it is the last one on the connection.
    if (inFlight?.req.complete) inFlight.shouldKeepAlive = false;
    else answerUnreadable(error, socket, limits, (status) => options.unreadable(status, inFlight));
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new CannotListenError(`Cannot listen on ${host} port ${port}: ${describeError(error)}.`, { cause: error });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    [Symbol.asyncDispose]: connections.close,
  };
}

/** Malformed requests never reach the listener; they are answered in JSON as well. */
function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  limits: ConnectionLimits,
  idOf: (status: number) => string,
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = whatIsUnreadable(error.code, limits);
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-Id: ${idOf(status)}\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  // The end of an answer alone leaves the connection open for as long as its sender likes.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function whatIsUnreadable(
  code: string | undefined,
  { headersTimeout, requestTimeout }: ConnectionLimits,
): [status: number, message: string] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, `The headers are too large: at most ${maxHeaderSize} bytes.`];
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT') return [400, 'Malformed HTTP request.'];
  const most = `at most ${headersTimeout / 1_000} s for the headers, ${requestTimeout / 1_000} s for all of it`;
  return [408, `The request came too slowly: ${most}.`];
}

function describeError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'the port is in use by another program; set PORT to another one';
  if (code === 'EACCES') return 'this user may not use this port; set PORT to one above 1023';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; set HOST to one that it has';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is unknown; set HOST to an address';
  return String(code ?? error);
}

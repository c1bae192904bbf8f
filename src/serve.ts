import { once } from 'node:events';
import {
  createServer,
  maxHeaderSize,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limitConnections } from './http/crowd.ts';
import type { ConnectionLimits } from './limits.ts';

/** A server that listens; disposing of it stops accepting and waits for what is in flight. */
export interface Listening extends AsyncDisposable {
  /** Like `http://127.0.0.1:4000`. */
  readonly url: string;
}

/** A message for the operator, with what to do about it. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** A service that must not listen where it was told to; the message says what to do first. */
export class Unguarded extends Error {
  override readonly name = 'Unguarded';
}

/** How long requests in flight may take to finish once the server stops, in milliseconds. */
const GRACE = 10_000;

/** How often it is looked whether a request is late, in milliseconds. */
const LOOK_AGAIN = 1_000;

/** How long a connection is kept for a next request, in milliseconds: longer than proxies do, who must close it first. */
const KEPT = 65_000;

/** How long a sender whose request cannot be read may take to see the answer, in milliseconds. */
const LINGER = 1_000;

export async function serve(
  app: RequestListener,
  host: string,
  port: number,
  limits: ConnectionLimits,
): Promise<Listening> {
  const { headersTimeout, requestTimeout } = limits;
  const server = createServer({
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval: LOOK_AGAIN,
    keepAliveTimeout: KEPT,
  });
  const listener = limitConnections(server, limits.connections, app);
  server.on('request', listener);
  // The listener itself says when a body that was announced may come.
  server.on('checkContinue', listener);
  server.on('clientError', answerUnreadable(limits));
  const close = closer(server);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new CannotListen(`Cannot listen on ${host} port ${port}: ${reasonOf(error)}.`, { cause: error });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    [Symbol.asyncDispose]: close,
  };
}

/** Ends connections as soon as nothing is in flight on them: at once, or with the answer that is due. */
function closer(server: Server): () => Promise<void> {
  const open = new Map<Socket, Set<ServerResponse>>();
  let closing = false;
  server.on('connection', (socket: Socket) => {
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  });
  const track: RequestListener = ({ socket }, response) => {
    response.shouldKeepAlive &&= !closing;
    const responses = open.get(socket);
    responses?.add(response);
    response.once('close', () => responses?.delete(response));
  };
  server.prependListener('request', track);
  server.prependListener('checkContinue', track);
  return async () => {
    closing = true;
    const closed = once(server, 'close');
    server.close();
    for (const [socket, responses] of open) {
      if (responses.size === 0) socket.destroy();
      for (const response of responses) response.shouldKeepAlive = false;
    }
    const cut = setTimeout(() => server.closeAllConnections(), GRACE);
    await closed;
    clearTimeout(cut);
  };
}

/** What Node could not read as a request never reaches the listener; it is answered in JSON all the same. */
const answerUnreadable = (limits: ConnectionLimits) => (error: NodeJS.ErrnoException, socket: Duplex) => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = whatIsUnreadable(error.code, limits);
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  // The end of an answer alone leaves the connection open for as long as its sender likes.
  setTimeout(() => socket.destroy(), LINGER).unref();
};

function whatIsUnreadable(
  code: string | undefined,
  { headersTimeout, requestTimeout }: ConnectionLimits,
): [status: number, message: string] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, `The headers are too large: at most ${maxHeaderSize} bytes.`];
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT') return [400, 'This is not HTTP as it should be.'];
  const most = `at most ${headersTimeout / 1_000} s for the headers, ${requestTimeout / 1_000} s for all of it`;
  return [408, `The request came too slowly: ${most}.`];
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'the port is in use by another program; set PORT to another one';
  if (code === 'EACCES') return 'this user may not use this port; set PORT to one above 1023';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; set HOST to one that it has';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is unknown; set HOST to an address';
  return String(code ?? error);
}

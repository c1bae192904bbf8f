import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connectionsOf } from './http/connections.ts';

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

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** How long a kept connection must be idle before a stop ends it, in milliseconds. */
  readonly lull: number;
  /** Told of bytes that were answered without being a request, such as `Exchanges` is; returns the id of the answer. */
  readonly unreadable: (status: number, inFlight: ServerResponse | undefined) => string;
}

export async function serve(listener: RequestListener, options: ServeOptions): Promise<Listening> {
  const { host, port } = options;
  const server = createServer();
  const connections = connectionsOf(server, listener, options.lull);
  server.on('clientError', (error, socket) =>
    answerUnreadable(error, socket, (status) => options.unreadable(status, connections.inFlightOn(socket))),
  );
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new CannotListen(`Cannot listen on ${host} port ${port}: ${reasonOf(error)}.`, { cause: error });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    [Symbol.asyncDispose]: connections.close,
  };
}

/** What Node could not read as a request never reaches the listener; it is answered in JSON all the same. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex, idOf: (status: number) => string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({ message: STATUS_CODES[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-Id: ${idOf(status)}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'the port is in use by another program; set PORT to another one';
  if (code === 'EACCES') return 'this user may not use this port; set PORT to one above 1023';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; set HOST to one that it has';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is unknown; set HOST to an address';
  return String(code ?? error);
}

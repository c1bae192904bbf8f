import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens; disposing of it stops accepting and waits for what is in flight. */
export interface Listening extends AsyncDisposable {
  /** Like `http://127.0.0.1:4000`. */
  readonly url: string;
}

/** A message for the operator, with what to do about it. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** How long requests in flight may take to finish once the server stops, in milliseconds. */
const GRACE = 10_000;

export async function serve(listener: RequestListener, host: string, port: number): Promise<Listening> {
  const server = createServer(listener);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new CannotListen(`Cannot listen on ${host} port ${port}: ${reasonOf(error)}.`, { cause: error });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async [Symbol.asyncDispose]() {
      const cut = setTimeout(() => server.closeAllConnections(), GRACE);
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
      clearTimeout(cut);
    },
  };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'the port is in use by another program; set PORT to another one';
  if (code === 'EACCES') return 'this user may not use this port; set PORT to one above 1023';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; set HOST to one that it has';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is unknown; set HOST to an address';
  return String(code ?? error);
}

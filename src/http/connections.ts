import type { RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** How long requests in flight may take to finish once the server stops, in milliseconds. */
const GRACE = 10_000;
/** How long a server that stops listening waits for a moment when nobody connects, in milliseconds. */
const BACKLOG = 200;
/** How often connections are looked at while the server stops, in milliseconds. */
const LOOK_EVERY = 10;
/** How long a client may take to see that its connection has ended, in milliseconds. */
const FAREWELL = 500;

/** What a listening server is made of; Node has no other name for it. */
type ListensAgain = Server & { readonly _handle?: { readonly listen?: (backlog: number) => number } };

interface Connection {
  /** In the order of their requests. */
  readonly inFlight: ServerResponse[];
  idleSince: number;
  /** When it was told the client that nothing more is answered on it. */
  endedAt: number | undefined;
}

export interface Connections {
  /** The newest response in flight on a connection. */
  inFlightOn(socket: unknown): ServerResponse | undefined;
  /** Stops accepting, and ends connections as nothing is in flight on them any more. */
  close(): Promise<void>;
}

/**
 * Keeps account of a server's connections, so that it can stop without taking answers with it. A client that is busy on a
 * kept connection may just be sending its next request: it has `lull` milliseconds for that, is answered, and told that
 * this was the last answer. A request that comes after the end of its connection is not served, so that its sender may
 * send it again.
 */
export function connectionsOf(server: Server, listener: RequestListener, lull: number): Connections {
  const open = new Map<Socket, Connection>();
  let closing = false;
  // Connections that were accepted, and answers that were finished.
  let steps = 0;
  server.on('connection', (socket: Socket) => {
    steps++;
    open.set(socket, { inFlight: [], idleSince: performance.now(), endedAt: undefined });
    socket.once('close', () => open.delete(socket));
  });
  // One function for all of them, which finds its connection by its socket.
  function ended(this: ServerResponse): void {
    steps++;
    const connection = open.get(this.req.socket);
    if (!connection) return;
    connection.inFlight.splice(connection.inFlight.indexOf(this), 1);
    connection.idleSince = performance.now();
  }
  const serve: RequestListener = (request, response) => {
    const connection = open.get(request.socket);
    if (connection) {
      if (connection.endedAt !== undefined) return;
      connection.inFlight.push(response);
      response.on('close', ended);
    }
    response.shouldKeepAlive &&= !closing;
    listener(request, response);
  };
  server.on('request', serve);
  // The listener itself says when a body that was announced may come.
  server.on('checkContinue', serve);
  // Likewise what is expected and not supported.
  server.on('checkExpectation', serve);

  /**
   * Whoever has connected, and is not yet accepted when a server stops listening, is reset by the kernel. Resolves in a turn
   * of the event loop that found nobody to accept, or after a while all the same.
   */
  async function nobodyWaits(): Promise<void> {
    const deadline = performance.now() + BACKLOG;
    // With no room to wait in, whoever connects now is left to try again, and those who wait already become none.
    (server as ListensAgain)._handle?.listen?.(0);
    await turn();
    let before: number;
    do {
      before = steps;
      await turn();
    } while (steps !== before && performance.now() < deadline);
  }

  /** Ends what is idle for long enough. */
  function look(): void {
    const now = performance.now();
    for (const [socket, connection] of open) {
      const { inFlight, idleSince, endedAt } = connection;
      if (inFlight.length > 0) continue;
      if (endedAt === undefined) {
        if (now - idleSince < lull) continue;
        connection.endedAt = now;
        socket.end();
      } else if (now - endedAt > FAREWELL) socket.destroy();
    }
  }

  return {
    inFlightOn: (socket) => open.get(socket as Socket)?.inFlight.at(-1),
    async close() {
      closing = true;
      await nobodyWaits();
      // An HTTP server's own `close` would cut every connection between two requests.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      let isClosed = false;
      void closed.then(() => {
        isClosed = true;
      });
      for (const { inFlight } of open.values()) {
        const last = inFlight.at(-1);
        if (last) last.shouldKeepAlive = false;
      }
      const deadline = performance.now() + GRACE;
      while (!isClosed && performance.now() < deadline) {
        look();
        await Promise.race([closed, sleep(LOOK_EVERY)]);
      }
      server.closeAllConnections();
      await closed;
    },
  };
}

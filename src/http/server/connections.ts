import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

// Not by an import, for the reason in listen.ts.
const http = process.getBuiltinModule('node:http');

/** How long requests in flight may take to finish once the server stops. */
const GRACE_MS = 10_000;
/** How long a server that stops waits for a moment in which nobody connects. */
const BACKLOG = 200;
/** How often connections are checked while the server stops. */
const CLOSE_CHECK_MS = 10;
/** How long a client may take to see that its connection has ended. */
const LAST_REQUEST_MS = 500;

/** How many requests of one connection may wait for each other; what a client sends beyond them is not served. */
const MAX_PIPELINED = 100;
/** How often to check for connections to cut. */
const CHECK_INTERVAL_MS = 1_000;

/** What a listening server is made of; Node has no other name for it. */
type ListensAgain = Server & { readonly _handle?: { readonly listen?: (backlog: number) => number } };

/** What a connection is made of; a `Socket` itself counts bytes as written that still wait in this process. */
interface Handle {
  /** The bytes that were to be sent so far, and those of them that the system has not taken yet. */
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

interface Connection {
  /** In the order of their requests; only the first is being served. */
  readonly inFlight: ServerResponse[];
  idleSince: number;
  /** How many bytes its client had taken at the last change of that number, and when that was. */
  taken: number;
  takenAt: number;
  /** When the client was sent `Connection: close`. */
  endedAt: number | undefined;
  /** Whether it is a WebSocket, or is about to be one; such a connection is closed by its door. */
  isUpgraded: boolean;
}

export interface ConnectionOptions {
  readonly idleBeforeCloseMs: number;
  readonly readerTimeout: number;
  /** Whether a response ends only with its connection. */
  readonly isStream: (response: ServerResponse) => boolean;
}

export interface Connections {
  /** The newest response in flight on a connection. */
  inFlightOn(socket: unknown): ServerResponse | undefined;
  /** Stops accepting, and ends each connection once nothing is in flight on it. */
  close(): Promise<void>;
}

/**
 * Tracks a server's connections, so that it can stop without losing answers. A busy client may just be sending its next
 * request on a kept connection: it has `idleBeforeCloseMs` for that, and the answer has `Connection: close`. A request that
 * arrives after the end of its connection is not served, so that its sender may send it again.
 *
 * The requests of one connection are served one after the other: a client cannot request answers faster than it reads them.
 * A client that reads nothing of an answer for `readerTimeout` milliseconds is cut, and so is one that sends requests behind
 * a stream, since they would never be served.
 */
export function trackConnections(
  server: Server,
  listener: RequestListener,
  { idleBeforeCloseMs, readerTimeout, isStream }: ConnectionOptions,
): Connections {
  const open = new Map<Socket, Connection>();
  let closing = false;
  // Connections that were accepted, and answers that were finished.
  let steps = 0;
  server.on('connection', (socket: Socket) => {
    steps++;
    const now = performance.now();
    open.set(socket, { inFlight: [], idleSince: now, taken: 0, takenAt: now, endedAt: undefined, isUpgraded: false });
    socket.once('close', () => open.delete(socket));
  });
  // One function for all of them, which finds its connection by its socket.
  function ended(this: ServerResponse): void {
    steps++;
    const connection = open.get(this.req.socket);
    if (!connection) return;
    const index = connection.inFlight.indexOf(this);
    connection.inFlight.splice(index, 1);
    connection.idleSince = performance.now();
    // In a turn of its own: pipelined requests must not be answered in one go while others wait.
    if (index === 0 && connection.inFlight.length > 0) setImmediate(serveNext, connection);
  }
  function serveNext({ inFlight }: Connection): void {
    const [next] = inFlight;
    if (!next || next.req.socket.destroyed || next.req.socket.writableEnded) return;
    if (inFlight.length === 1) next.req.socket.resume();
    listener(next.req, next);
  }
  const serve: RequestListener = (request, response) => {
    const connection = open.get(request.socket);
    // The client is gone.
    if (!connection) return;
    const { inFlight, endedAt } = connection;
    if (endedAt !== undefined || inFlight.length === MAX_PIPELINED) return;
    inFlight.push(response);
    response.on('close', ended);
    response.shouldKeepAlive &&= !closing && inFlight.length < MAX_PIPELINED;
    if (inFlight.length === 1) listener(request, response);
    else request.socket.pause();
  };
  server.on('request', serve);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const connection = open.get(socket);
    // Node listens no more, and an error without a listener ends the process.
    socket.on('error', () => socket.destroy());
    // An answer of another request would come in between.
    if (!connection || connection.inFlight.length > 0 || connection.endedAt !== undefined) {
      socket.destroy();
      return;
    }
    if (head.length > 0) socket.unshift(head);
    const response = new http.ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    connection.isUpgraded = true;
    connection.inFlight.push(response);
    response.on('close', ended);
    listener(request, response);
  });
  // The listener itself says when a body that was announced may come.
  server.on('checkContinue', serve);
  // Likewise what is expected and not supported.
  server.on('checkExpectation', serve);

  /**
   * The kernel resets connections that are not yet accepted when a server stops listening. Resolves in a turn of the event
   * loop that found none to accept, or after a while at the latest.
   */
  async function nobodyWaits(): Promise<void> {
    const deadline = performance.now() + BACKLOG;
    // Without a backlog new connections are left to retry, and those that wait get accepted.
    (server as ListensAgain)._handle?.listen?.(0);
    await turn();
    let before: number;
    do {
      before = steps;
      await turn();
    } while (steps !== before && performance.now() < deadline);
  }

  function cutHopeless(): void {
    const now = performance.now();
    for (const [socket, connection] of open) {
      const { _handle: handle } = socket as Socket & { readonly _handle?: Handle | null };
      const [first, next] = connection.inFlight;
      if (!handle || !(first || connection.isUpgraded)) continue;
      if (first && next && isStream(first)) {
        socket.destroy();
        continue;
      }
      const taken = handle.bytesWritten - handle.writeQueueSize;
      if (handle.writeQueueSize === 0 || taken !== connection.taken) Object.assign(connection, { taken, takenAt: now });
      else if (now - connection.takenAt > readerTimeout) socket.destroy();
    }
  }
  const checking = setInterval(cutHopeless, CHECK_INTERVAL_MS).unref();

  /** Ends what is idle for long enough. */
  function look(): void {
    const now = performance.now();
    for (const [socket, connection] of open) {
      const { inFlight, idleSince, endedAt, isUpgraded } = connection;
      if (inFlight.length > 0 || isUpgraded) continue;
      if (endedAt === undefined) {
        if (now - idleSince < idleBeforeCloseMs) continue;
        connection.endedAt = now;
        socket.end();
      } else if (now - endedAt > LAST_REQUEST_MS) socket.destroy();
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
      const deadline = performance.now() + GRACE_MS;
      while (!isClosed && performance.now() < deadline) {
        look();
        await Promise.race([closed, sleep(CLOSE_CHECK_MS)]);
      }
      server.closeAllConnections();
      for (const [socket, { isUpgraded }] of open) if (isUpgraded) socket.destroy();
      clearInterval(checking);
      await closed;
    },
  };
}

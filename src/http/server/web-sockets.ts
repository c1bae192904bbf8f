import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller } from '../../domain/caller.ts';
import { textsOf } from '../../texts/index.ts';
import type { ByteBudget } from '../exchange/byte-budget.ts';
import { Holder } from '../exchange/closable.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { MessageExchange } from '../exchange/message-exchange.ts';
import type { Message, MessageSocket, Refusal } from '../exchange/message-socket.ts';
import type { Cut } from '../exchange/streams.ts';

/** How a client that closes, or is closed, has to answer in time. */
const CLOSE_TIMEOUT_MS = 1_000;
/** How often a client is pinged: proxies close connections that are silent for a minute. */
const PING_MS = 12_000;
/** A client that was not heard of for so long is gone. */
const SILENT_MS = 3 * PING_MS;
/** A message of up to so many bytes is always read, whatever large ones are held. */
const SMALL_BYTES = 64 * 1024;
/** Codes of a close, and the bytes that its reason may have (RFC 6455, 5.5 and 7.4). */
const TOO_SLOW = 1008;
const TOO_LARGE = 1009;
const TRY_AGAIN = 1013;
const MAX_REASON_BYTES = 123;
/** What a control frame of a client has beside its payload: a head and a mask. */
const CONTROL_BYTES = 6;
const NO_BYTES = Buffer.alloc(0);

export interface WebSocketsOptions {
  /** The one subprotocol that is spoken. */
  readonly protocol: string;
  /** In bytes. */
  readonly maxMessage: number;
  /** How long a message may take to arrive, in milliseconds. */
  readonly messageTimeout: number;
  /** For large messages, until they are served. */
  readonly bodies: ByteBudget;
}

/** What the service knows of the caller of a WebSocket. */
export interface SocketAccess {
  readonly admit: (authorization: string | undefined) => Promise<Caller | Refusal>;
  readonly watch: (connection: MessageSocket, caller: Caller, cut: (why: Cut) => void) => void;
  readonly begin: () => MessageExchange;
}

/** Answers the handshake of a WebSocket, and opens it. */
export type OpenSocket = (exchange: Exchange, access: SocketAccess, opened: (socket: MessageSocket) => void) => void;

export function createWebSockets({ protocol, maxMessage, ...receiving }: WebSocketsOptions): OpenSocket {
  const options = {
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessage,
    perMessageDeflate: false,
    // Each message has a turn of the event loop to itself, however many came at once.
    allowSynchronousEvents: false,
    handleProtocols: () => protocol,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  const server = new WebSocketServer(options);
  const asked = new WeakMap<IncomingMessage, Exchange>();
  const refuse = (exchange: Exchange) =>
    exchange.sendJson(400, { message: textsOf(exchange.locale).badHandshake(protocol) });
  server.on('wsClientError', (_, __, request) => {
    const exchange = asked.get(request);
    if (exchange) refuse(exchange);
  });

  return (exchange, access, opened) => {
    const { request } = exchange;
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    if (!offered.split(',').some((it) => it.trim() === protocol)) return refuse(exchange);
    asked.set(request, exchange);
    server.handleUpgrade(request, request.socket, NO_BYTES, (connection) => {
      exchange.becomeSocket();
      opened(createMessageSocket(connection, exchange, access, receiving));
    });
  };
}

function createMessageSocket(
  connection: WebSocket,
  { request, locale }: Exchange,
  access: SocketAccess,
  { messageTimeout, bodies }: Pick<WebSocketsOptions, 'messageTimeout' | 'bodies'>,
): MessageSocket {
  const { socket } = request;
  const life = new Holder();
  let isAdmitted = false;
  let drained: Promise<void> | undefined;
  let heardAt = performance.now();
  /** The bytes of the next message that came so far, since when they come, and what holds those of a large one. */
  let coming = 0;
  let comingSince = 0;
  let holder: Holder | undefined;

  const ping = setInterval(() => {
    if (connection.isPaused || socket.writableNeedDrain) return;
    const now = performance.now();
    if (now - heardAt > SILENT_MS) connection.terminate();
    else if (coming > 0 && now - comingSince > messageTimeout) close(TOO_SLOW, 'The message came too slowly.');
    else connection.ping();
  }, PING_MS);
  function end(): void {
    clearInterval(ping);
    holder?.close();
    life.close();
  }
  // The library reports the end only once it has gone through all messages that came.
  socket.once('close', end);
  // What breaks the protocol is answered by the library, which then closes.
  connection.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    heardAt = performance.now();
    if (life.closed) return;
    if (coming === 0) comingSince = heardAt;
    coming += bytes.length;
    if (coming <= SMALL_BYTES) return;
    if (!isAdmitted) return close(TOO_LARGE, 'The message is too large for a caller that is not known yet.');
    holder ??= new Holder();
    if (!bodies.reserve(holder, bytes.length)) close(TRY_AGAIN, 'Too many large messages are held.');
  });

  // Control frames may stand between the frames of a message.
  const isControl = (payload: Buffer) => {
    coming = Math.max(0, coming - CONTROL_BYTES - payload.length);
  };
  connection.on('ping', isControl).on('pong', isControl);

  function close(code: number, reason: string): void {
    // Otherwise the answer of the client would not be read.
    connection.resume();
    connection.close(code, Buffer.byteLength(reason) > MAX_REASON_BYTES ? '' : reason);
    end();
  }

  const self: MessageSocket = {
    locale,
    authorization: request.headers.authorization,
    get closed() {
      return life.closed;
    },
    once: (event, listener) => life.once(event, listener),
    get isFull() {
      return socket.writableNeedDrain;
    },
    drained() {
      drained ??= new Promise((resolve) => {
        const done = () => {
          socket.off('drain', done).off('close', done);
          drained = undefined;
          resolve();
        };
        socket.on('drain', done).on('close', done);
      });
      return drained;
    },
    send(texts) {
      // All in one write.
      socket.cork();
      for (const text of texts) connection.send(text);
      socket.uncork();
    },
    sendParts(parts) {
      socket.cork();
      parts.forEach((part, i) => {
        connection.send(part, { binary: false, fin: i + 1 === parts.length });
      });
      socket.uncork();
    },
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    close,
    onMessage(receive) {
      connection.on('message', (bytes: Buffer) => {
        const held = holder;
        holder = undefined;
        coming = 0;
        const message: Message = { bytes, release: () => held?.close() };
        if (connection.readyState === connection.OPEN) receive(message);
        else message.release();
      });
    },
    admit: access.admit,
    watch(caller, cut) {
      isAdmitted = caller.by !== 'nothing';
      access.watch(self, caller, cut);
    },
    begin: access.begin,
  };
  return self;
}

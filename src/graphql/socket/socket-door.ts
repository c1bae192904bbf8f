import { type ConnectionInitMessage, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import { type Caller, NOBODY } from '../../domain/caller.ts';
import type { MessageExchange } from '../../http/exchange/message-exchange.ts';
import type { Message, MessageSocket, Refusal } from '../../http/exchange/message-socket.ts';
import type { Cut } from '../../http/exchange/streams.ts';
import { countValues, SHORT_BYTES } from '../http/request.ts';
import { createSocketOperations, type SocketAnswers } from './socket-operations.ts';
import { ACK, CLOSE, closeCodeOf, PONG } from './socket-text.ts';

// GraphQL over a WebSocket, in the protocol of graphql-ws. Its own server would parse every answer of another thread, and serialize
// each event anew for each follower; so it lends the types, codes and checks of messages, and the lanes of HTTP do the rest.

/** How long a client may take to say who it is. */
const INIT_TIMEOUT_MS = 10_000;
/** The longest id of an operation, in UTF-16 code units: each message of it has it. */
const MAX_ID = 256;

/** Serves a socket. */
export const createSocketDoor =
  (answers: SocketAnswers) =>
  (socket: MessageSocket): void => {
    const close = (why: keyof typeof CLOSE, reason: string): void => socket.close(CLOSE[why], reason);
    const operations = createSocketOperations(socket, answers, admit, checkFlow);
    let { authorization } = socket;
    let caller: Caller | undefined;
    let isInitialized = false;
    let isStopping = false;
    let isDraining = false;
    const initTimeout = setTimeout(() => close('initTimeout', 'No connection_init came in time.'), INIT_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(initTimeout);
      operations.end();
    });
    socket.watch(NOBODY, cut);
    socket.onMessage((message) => {
      receive(message);
      checkFlow();
    });

    function receive(message: Message): void {
      const long = longOperation(message);
      const parsed = long ? undefined : parse(message);
      if (long || parsed?.type === MessageType.Subscribe) {
        subscribe(long ?? toOperation(parsed as SubscribeMessage), message);
        return;
      }
      message.release();
      if (!parsed) close('invalid', 'This is no message of graphql-transport-ws, or it has too many values.');
      else if (parsed.type === MessageType.ConnectionInit) void initialize(parsed);
      else if (parsed.type === MessageType.Complete) operations.complete(parsed.id);
      else if (parsed.type === MessageType.Ping) socket.send([PONG]);
      else if (parsed.type !== MessageType.Pong) close('invalid', 'Only a server sends this message.');
    }

    async function initialize({ payload }: ConnectionInitMessage): Promise<void> {
      if (isInitialized) return close('secondInit', 'There was a connection_init before.');
      isInitialized = true;
      clearTimeout(initTimeout);
      authorization = authorizationIn(payload) ?? authorization;
      const exchange = socket.begin();
      exchange.operation = 'connection_init';
      const admitted = await admit(exchange);
      exchange.status ??= 200;
      exchange.close();
      if (socket.closed) return;
      if ('status' in admitted) return socket.close(closeCodeOf(admitted), reasonOf(admitted));
      caller = admitted;
      socket.watch(caller, cut);
      socket.send([ACK]);
    }

    /** The caller as of now: its token may have been revoked. */
    async function admit(exchange: MessageExchange): Promise<Caller | Refusal> {
      let admitted: Caller | Refusal;
      try {
        admitted = await socket.admit(authorization);
      } catch (fault) {
        const { message, extensions } = answers.maskError(fault);
        admitted = { status: 500, code: String(extensions['code']), message, retryAfter: undefined };
      }
      if ('status' in admitted) {
        exchange.status = admitted.status;
        exchange.recordErrors([admitted.code], false);
        const isOver = admitted.status === 401 || admitted.status === 403;
        if (isOver && caller) socket.close(closeCodeOf(admitted), reasonOf(admitted));
      } else exchange.caller = admitted;
      return admitted;
    }

    function subscribe({ id, body }: SentOperation, message: Message): void {
      if (caller && !isStopping && !operations.has(id) && id.length <= MAX_ID) {
        operations.begin(caller, id, body, message);
        return;
      }
      message.release();
      if (!caller) close('unauthorized', 'Send connection_init, and wait for connection_ack.');
      else if (operations.has(id)) close('sameId', 'An operation with this id is open.');
      else if (id.length > MAX_ID) close('invalid', `An id has at most ${MAX_ID} characters.`);
    }

    /** Reads no more while too much waits, or while the client does not read. */
    function checkFlow(): void {
      if (socket.closed) return;
      if (socket.isFull && !isDraining) {
        isDraining = true;
        void socket.drained().then(() => {
          isDraining = false;
          checkFlow();
        });
      }
      if (socket.isFull || operations.isFull) socket.pause();
      else socket.resume();
    }

    function cut(why: Cut): void {
      if (why === 'revoked') close('unauthorized', 'UNAUTHENTICATED: the token was revoked, or there is one now.');
      else if (why === 'lost') close('tryAgain', 'STORAGE_LOST');
      else {
        isStopping = true;
        void operations.finish().then(() => close('goingAway', 'The service stops.'));
      }
    }
  };

/** An operation and the request that it is, as JSON. */
interface SentOperation {
  readonly id: string;
  readonly body: Buffer;
}

const toOperation = ({ id, payload }: SubscribeMessage): SentOperation => ({
  id,
  body: Buffer.from(JSON.stringify(payload)),
});

/** How graphql-ws writes the messages that ask for an operation. */
const USUAL_HEAD = /^\{"id":"([\w-]{1,200})","type":"subscribe","payload":(?=\{)/;
const HEAD_BYTES = 300;
const CLOSE_OBJECT = 0x7d;

/** The operation of a long message, whose request is left to the thread that answers it, like a long body. */
function longOperation({ bytes }: Message): SentOperation | undefined {
  if (bytes.length <= SHORT_BYTES || bytes.at(-1) !== CLOSE_OBJECT) return undefined;
  const [head, id] = USUAL_HEAD.exec(bytes.toString('latin1', 0, HEAD_BYTES)) ?? [];
  return head === undefined || id === undefined ? undefined : { id, body: bytes.subarray(head.length, -1) };
}

function parse({ bytes }: Message): ReturnType<typeof parseMessage> | undefined {
  try {
    countValues(bytes);
    return parseMessage(bytes.toString());
  } catch {
    return undefined;
  }
}

const reasonOf = ({ code, message }: Refusal): string => `${code}: ${message}`;

/** Clients spell it as the header, in any case. */
function authorizationIn(payload: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const [, value] = Object.entries(payload ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof value === 'string' ? value : undefined;
}

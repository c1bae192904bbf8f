import { GraphQLError } from 'graphql';
import type { Caller } from '../../domain/caller.ts';
import type { MessageExchange } from '../../http/exchange/message-exchange.ts';
import type { Message, MessageSocket, Refusal } from '../../http/exchange/message-socket.ts';
import { tooManyStreams } from '../engine/limits.ts';
import { sendResult } from '../http/answer.ts';
import type { EventSink } from '../http/event-sink.ts';
import { type Asked, isSubscription } from '../http/lanes.ts';
import type { Follow } from '../http/stream-lane.ts';
import { completeText, createSocketFormat, errorText, nextParts } from './socket-text.ts';
import { createWorkQueue } from './work-queue.ts';

type AskedHere = Asked<MessageExchange>;

/** How the operations of a socket are answered: in the lanes of HTTP. */
export interface SocketAnswers {
  /** The most open subscriptions of one socket. */
  readonly maxStreams: number;
  /** Parses a request; nothing for one that another thread may have to parse. */
  parse(exchange: MessageExchange, body: Buffer): AskedHere | undefined;
  /** Answers a query or mutation, into its exchange; what turns out to be a subscription is returned. */
  answer(exchange: MessageExchange, body: Buffer, asked: AskedHere | undefined): Promise<AskedHere | undefined>;
  readonly follow: Follow;
  /** What callers may see of an error; reports faults. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** The operations that are open on one socket. */
export interface SocketOperations {
  has(id: string): boolean;
  /** `body` is the request, as JSON. */
  begin(caller: Caller, id: string, body: Buffer, message: Message): void;
  /** Ends an operation without an answer. */
  complete(id: string): void;
  /** Whether so much waits that no more should be read. */
  readonly isFull: boolean;
  /** Ends all but what is being answered, and resolves once that is. */
  finish(): Promise<void>;
  /** Ends all. */
  end(): void;
}

interface Operation {
  readonly id: string;
  readonly exchange: MessageExchange;
  readonly body: Buffer;
  readonly asked: AskedHere | undefined;
}

/**
 * Queries and mutations are answered one at a time, and subscriptions run beside them. `admit` identifies the caller of each anew,
 * and counts it.
 */
export function createSocketOperations(
  socket: MessageSocket,
  answers: SocketAnswers,
  admit: (exchange: MessageExchange) => Promise<Caller | Refusal>,
  checkFlow: () => void,
): SocketOperations {
  const open = new Map<string, Operation>();
  const queue = createWorkQueue(serve, checkFlow);
  let served: Operation | undefined;
  let streams = 0;

  async function serve(operation: Operation): Promise<void> {
    const { exchange, body, asked } = operation;
    served = operation;
    try {
      if (!(await isAdmitted(operation))) return;
      const subscription = await answers.answer(exchange, body, asked);
      if (exchange.closed) return;
      if (subscription) return void follow(operation, subscription);
      await sendAnswer(operation);
    } catch (fault) {
      await fail(operation, answers.maskError(fault));
    } finally {
      served = undefined;
    }
  }

  async function follow(operation: Operation, asked: AskedHere): Promise<void> {
    const { exchange } = operation;
    if (streams >= answers.maxStreams) return fail(operation, tooManyStreams(exchange.locale));
    streams++;
    exchange.once('close', () => streams--);
    try {
      if (!(await isAdmitted(operation))) return;
      const errors = await answers.follow(asked, () => sinkOf(operation));
      if (errors) await fail(operation, ...errors);
    } catch (fault) {
      await fail(operation, answers.maskError(fault));
    }
  }

  /** Whether an operation may be executed now; one that may not is answered, or its socket is closed. */
  async function isAdmitted(operation: Operation): Promise<boolean> {
    const { exchange } = operation;
    if (exchange.closed) return false;
    const admitted = await admit(exchange);
    if (exchange.closed) return false;
    if (!('status' in admitted)) return true;
    const { status, code, message, retryAfter } = admitted;
    await fail(operation, new GraphQLError(message, { extensions: { code, retryAfter, http: { status } } }));
    return false;
  }

  function fail(operation: Operation, ...errors: GraphQLError[]): Promise<void> {
    sendResult(operation.exchange, { errors }, 'application/graphql-response+json');
    return sendAnswer(operation);
  }

  async function sendAnswer({ id, exchange }: Operation): Promise<void> {
    if (exchange.closed || !exchange.answer) return;
    const { text, hasData } = exchange.answer;
    if (!hasData) socket.send([errorText(id, text.toString())]);
    else {
      const [before, result, after] = nextParts(id, text);
      if (typeof result === 'string') socket.send([before + result + after]);
      else socket.sendParts([before, result, after]);
      socket.send([completeText(id)]);
    }
    // The memory for answers is free again once the client has taken this one.
    while (socket.isFull && !socket.closed) await socket.drained();
    exchange.close();
  }

  function sinkOf({ id, exchange }: Operation): EventSink {
    return {
      format: createSocketFormat(id),
      get isGone() {
        return exchange.closed;
      },
      get isFull() {
        return socket.isFull;
      },
      drained: socket.drained,
      send: (texts) => void (exchange.closed || socket.send(texts)),
      end(text) {
        if (!exchange.closed) socket.send([text]);
        exchange.close();
      },
      onGone: (left) => void exchange.once('close', left),
    };
  }

  return {
    has: (id) => open.has(id),
    begin(caller, id, body, message) {
      const exchange = socket.begin();
      exchange.caller = caller;
      const asked = answers.parse(exchange, body);
      const operation = { id, exchange, body, asked };
      open.set(id, operation);
      exchange.once('close', () => {
        open.delete(id);
        message.release();
      });
      if (asked && isSubscription(asked)) void follow(operation, asked);
      else queue.add(operation, body.length);
    },
    complete: (id) => open.get(id)?.exchange.close(),
    get isFull() {
      return queue.isFull;
    },
    finish() {
      for (const it of open.values()) if (it !== served) it.exchange.close();
      return queue.idle();
    },
    end() {
      for (const { exchange } of open.values()) exchange.close();
    },
  };
}

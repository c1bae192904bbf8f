import { CloseCode, MessageType } from 'graphql-ws';
import type { Refusal } from '../../http/exchange/message-socket.ts';
import type { EventFormat } from '../http/event-text.ts';

// The messages of the subprotocol `graphql-transport-ws`. Results come as JSON already: others share their text, or another thread
// has written it.

export const ACK = JSON.stringify({ type: MessageType.ConnectionAck });
export const PONG = JSON.stringify({ type: MessageType.Pong });

const of = (type: MessageType, id: string): string => `{"id":${JSON.stringify(id)},"type":"${type}"`;

export const completeText = (id: string): string => `${of(MessageType.Complete, id)}}`;

/** A result, in parts. */
export const nextParts = (id: string, result: string | Buffer): [string, string | Buffer, string] => [
  `${of(MessageType.Next, id)},"payload":`,
  result,
  '}',
];

const ERRORS = '{"errors":';

/** An operation that was not executed, or has ended with errors: its result is nothing but these. */
export const errorText = (id: string, result: string): string =>
  `${of(MessageType.Error, id)},"payload":${result.slice(ERRORS.length)}`;

/** The events of one subscription, each a message. There is no place for a cursor. */
export const createSocketFormat = (id: string): EventFormat => {
  const [before, , after] = nextParts(id, '');
  return {
    start: () => '',
    event: ({ result }) => before + result + after,
    failure: ({ result }) => errorText(id, result),
  };
};

/** Closes of which clients of graphql-ws know that they need not try again, and those after which they do (RFC 6455, 7.4). */
export const CLOSE = {
  goingAway: 1001,
  tryAgain: 1013,
  invalid: CloseCode.BadRequest,
  unauthorized: CloseCode.Unauthorized,
  forbidden: CloseCode.Forbidden,
  initTimeout: CloseCode.ConnectionInitialisationTimeout,
  sameId: CloseCode.SubscriberAlreadyExists,
  secondInit: CloseCode.TooManyInitialisationRequests,
} as const;

/** How a socket is closed whose caller is refused. */
export const closeCodeOf = ({ status }: Refusal): number =>
  status === 401 ? CLOSE.unauthorized : status === 403 ? CLOSE.forbidden : CLOSE.tryAgain;

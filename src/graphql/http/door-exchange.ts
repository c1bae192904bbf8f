import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../../http/exchange/exchange.ts';
import type { MessageExchange } from '../../http/exchange/message-exchange.ts';

/** What GraphQL needs of an exchange, in the thread with the sockets and in others. */
export interface DoorExchange
  extends Pick<
    Exchange,
    'url' | 'locale' | 'caller' | 'operation' | 'isGone' | 'left' | 'recordErrors' | 'sendText' | 'becomeStream'
  > {
  readonly request: Pick<IncomingMessage, 'method' | 'headers'>;
}

/** What is answered in the thread with the sockets. */
export type MainExchange = Exchange | MessageExchange;

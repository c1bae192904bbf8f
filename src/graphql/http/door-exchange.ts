import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../../http/exchange/exchange.ts';

/** What GraphQL needs of an exchange, in the thread with the sockets and in others. */
export interface DoorExchange
  extends Pick<
    Exchange,
    'url' | 'locale' | 'caller' | 'operation' | 'isGone' | 'left' | 'recordErrors' | 'sendText' | 'becomeStream'
  > {
  readonly request: Pick<IncomingMessage, 'method' | 'headers'>;
}

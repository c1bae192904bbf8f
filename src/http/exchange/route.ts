import type { IncomingMessage } from 'node:http';
import type { Scope } from '../../domain/caller.ts';
import type { Door } from '../../telemetry/request-end.ts';
import type { Exchange } from './exchange.ts';
import type { MessageSocket } from './message-socket.ts';

export const READS: readonly string[] = ['GET', 'HEAD'];

export const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

export interface SocketRoute {
  /** The subprotocol that is spoken. */
  readonly protocol: string;
  /** The largest message, in bytes. */
  readonly maxMessage: number;
  readonly opened: (socket: MessageSocket) => void;
}

/** What a path answers, and what the pipeline checks before it. */
export interface Route {
  readonly path: string;
  /** Other spellings of the path. */
  readonly matches?: (path: string) => boolean;
  readonly door: Door;
  /** The allowed methods; without them the route itself answers every method. */
  readonly methods?: readonly string[];
  /** The method that is meant, where that is not the one of the request. */
  readonly methodOf?: (request: IncomingMessage) => string | undefined;
  /** The least scope of callers; `null` for any caller, even without a token. */
  readonly scope: Scope | null;
  /** The scope by the method that is meant, where methods differ in it. */
  readonly scopeOf?: (method: string | undefined) => Scope;
  /** Answered before callers are identified and counted. */
  readonly isPublic?: boolean;
  /** Callers on this machine need no token, and no token is counted; known ones are served while the database does not answer. */
  readonly isMonitoring?: boolean;
  /** Callers in trusted networks need no token. */
  readonly trustsNetworks?: boolean;
  /** Refused with 503 while the database is lost. */
  readonly needsStorage?: boolean;
  /** The body of refusals by the pipeline; `{"message": text}` without it. */
  readonly errorBody?: (message: string, code: string) => unknown;
  /** Answers what needs no access, such as a page; returns whether it did. */
  readonly answerFirst?: (exchange: Exchange) => Promise<boolean>;
  /** The largest body, in bytes; without it none is kept, and that of a `GET` or `HEAD` never is. */
  readonly maxBody?: number;
  handle(exchange: Exchange, body: Buffer): void | Promise<void>;
  /** WebSockets at this path; without it an upgrade is answered like any other request. */
  readonly sockets?: SocketRoute;
}

import type { GraphQLError } from 'graphql';
import type { Exchange } from '../../http/exchange/exchange.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { subscribeTo } from '../engine/subscribe.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { recordErrors, sendResult } from './answer.ts';
import type { MainExchange } from './door-exchange.ts';
import { createResponseSink, type EventSink } from './event-sink.ts';
import { eventOf, MULTIPART, SERVER_SENT_EVENTS, type StreamFormat } from './event-text.ts';
import { arePlain } from './fast-lane.ts';
import { type Asked, isSubscription } from './lanes.ts';
import { acceptsEventStream, acceptsMultipart, mediaTypeOf } from './media-type.ts';
import { type Sending, sendEvents } from './send-events.ts';
import type { ShareEvents } from './shared-events.ts';

// Yoga makes a web stream of each subscription, and executes its selection for each of its events; a thousand followers would take
// half of the throughput of updates. Here they share what is the same for them, over whichever protocol.

export interface StreamLane extends Sending {
  readonly rules: DocumentRules;
  readonly context: (exchange: MainExchange) => GraphQLContext;
  readonly share: ShareEvents;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** Begins a valid subscription; `begin` is called once it was admitted. Returns the errors of one that was not. */
export type Follow = (
  asked: Asked<MainExchange>,
  begin: () => EventSink,
) => Promise<readonly GraphQLError[] | undefined>;

export const createFollow =
  ({ rules, context, share, maskError, ...sending }: StreamLane): Follow =>
  async ({ exchange, params, checked }, begin) => {
    const document = checked?.document;
    if (!document) return [];
    const { operationName, variables } = params ?? {};
    exchange.operation = rules.describe(document, operationName);
    const contextValue = context(exchange);
    const begun = await subscribeTo(rules, { document, operationName, variableValues: variables, contextValue });
    if (exchange.isGone) return undefined;
    if ('errors' in begun) return begun.errors.map((error) => maskError(error));
    exchange.becomeStream();
    void sendEvents(begin(), begun.follower, share(begun.args, exchange.locale), sending);
    return undefined;
  };

/** Answers a plain request for a stream of the change log; false when it is none, and nothing was done. */
export const createStreamLane =
  (follow: Follow) =>
  async (asked: Asked<Exchange>): Promise<boolean> => {
    const { exchange, params } = asked;
    const { method, headers } = exchange.request;
    const format = formatFor(headers.accept);
    if (!format || (method !== 'POST' && method !== 'GET')) return false;
    if (!params || !arePlain(params) || !isSubscription(asked)) return false;
    const errors = await follow(asked, () => {
      writeHead(exchange, format);
      return createResponseSink(exchange.response, format);
    });
    if (errors) refuse(exchange, errors, format);
    return true;
  };

/** Apollo Client, which asks for its own protocol, may name others beside it. */
function formatFor(accept: string | undefined): StreamFormat | undefined {
  if (acceptsMultipart(accept)) return MULTIPART;
  return acceptsEventStream(accept) ? SERVER_SENT_EVENTS : undefined;
}

/** Clients that accept nothing but streams get their errors in one. */
function refuse(exchange: Exchange, errors: readonly GraphQLError[], format: StreamFormat): void {
  const mediaType = mediaTypeOf(exchange.request.headers.accept);
  if (mediaType) {
    sendResult(exchange, { errors }, mediaType);
    return;
  }
  recordErrors(exchange, { errors });
  exchange.becomeStream();
  writeHead(exchange, format);
  exchange.response.end(format.start(undefined) + format.failure(eventOf(undefined, { errors })));
}

function writeHead(exchange: Exchange, { headers }: StreamFormat): void {
  exchange.setCommonHeaders();
  // A connection whose other end has vanished is noticed.
  exchange.request.socket.setKeepAlive(true);
  exchange.response.writeHead(200, headers);
}

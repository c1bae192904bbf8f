import { type GraphQLError, getOperationAST } from 'graphql';
import type { Exchange } from '../../http/exchange/exchange.ts';
import type { CheckedDocument } from '../engine/document-cache.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { subscribeTo } from '../engine/subscribe.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { sendResult } from './answer.ts';
import { createResponseSink } from './event-sink.ts';
import { eventOf, MULTIPART, SERVER_SENT_EVENTS, type StreamFormat } from './event-text.ts';
import { acceptsEventStream, acceptsMultipart, mediaTypeOf } from './media-type.ts';
import type { RequestParams } from './request.ts';
import { type Sending, sendEvents } from './send-events.ts';
import type { ShareEvents } from './shared-events.ts';

// A subscription by a plain POST or GET. Yoga makes a web stream of each, and executes its selection for each of
// its events; a thousand followers would take half of the throughput of updates. Here they share what is the same for them.

export interface StreamLane extends Sending {
  readonly rules: DocumentRules;
  readonly context: (exchange: Exchange) => GraphQLContext;
  readonly share: ShareEvents;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** Answers a plain request for a stream of the change log; false when it is none, and nothing was done. */
export function createStreamLane({ rules, context, share, maskError, ...sending }: StreamLane) {
  return async (
    exchange: Exchange,
    { operationName, variables }: RequestParams,
    { document, errors }: CheckedDocument,
  ): Promise<boolean> => {
    const format = formatFor(exchange.request.headers.accept);
    if (!document || errors.length > 0 || !format) return false;
    if (getOperationAST(document, operationName)?.operation !== 'subscription') return false;
    exchange.operation = rules.describe(document, operationName);
    const contextValue = context(exchange);
    const begun = await subscribeTo(rules, { document, operationName, variableValues: variables, contextValue });
    const { response, locale } = exchange;
    if (response.destroyed) return true;
    if ('errors' in begun) {
      refuse(exchange, begun.errors.map(maskError), format);
      return true;
    }
    beginStream(exchange, format);
    void sendEvents(createResponseSink(response, format), begun.follower, share(begun.args, locale), sending);
    return true;
  };
}

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
  exchange.recordErrors(errors.map((it) => it.extensions['code']));
  beginStream(exchange, format);
  exchange.response.end(format.start(undefined) + format.failure(eventOf(undefined, { errors })));
}

function beginStream(exchange: Exchange, { headers }: StreamFormat): void {
  exchange.setCommonHeaders();
  exchange.becomeStream();
  // A connection whose other end has vanished is noticed.
  exchange.request.socket.setKeepAlive(true);
  exchange.response.writeHead(200, headers);
}

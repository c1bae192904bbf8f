import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { localeOf, textsOf } from '../../texts/texts.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { answerOf } from './answer.ts';
import type { EventPace } from './event-pace.ts';
import { eventStream } from './event-stream.ts';
import { acceptsEventStream, mediaTypeOf } from './media-type.ts';
import type { Served } from './served.ts';

/** Requests are parsed before they get to Yoga, and answered as everything else is. */
export const requestsAndAnswers = (pace: EventPace): Plugin<GraphQLContext & Served, Served> => ({
  onRequestParse({ serverContext, setRequestParser }) {
    setRequestParser(() => serverContext.params());
  },
  onSubscribe({ args }) {
    args.contextValue.position.isSubscription = true;
  },
  onResultProcess({ request, result: processed, serverContext: { position }, setResultProcessor }) {
    // There is no batching.
    const result = processed as ExecutionResult | AsyncIterable<ExecutionResult>;
    const accept = request.headers.get('accept') ?? undefined;
    const mediaType = mediaTypeOf(accept);
    if (mediaType && !(Symbol.asyncIterator in result)) {
      setResultProcessor((_, { Response }) => {
        const { status, headers, text } = answerOf(result, mediaType);
        return new Response(text, { status, headers });
      }, mediaType);
    } else if (acceptsEventStream(accept)) {
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', Connection: 'keep-alive' };
      setResultProcessor(
        (_, { Response }) => new Response(eventStream(result, position, pace), { headers }),
        'text/event-stream',
      );
    }
  },
  onResponse({ request, response, serverContext, setResponse, fetchAPI }) {
    if (response.status !== 406) return;
    const texts = textsOf(localeOf(request.headers.get('accept-language') ?? undefined));
    const message = serverContext.position.isSubscription ? texts.streamNotAcceptable : texts.notAcceptable;
    const errors = [{ message, extensions: { code: 'BAD_REQUEST' } }];
    setResponse(fetchAPI.Response.json({ errors }, { status: 406 }));
  },
});

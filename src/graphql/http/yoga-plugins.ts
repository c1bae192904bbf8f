import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { textsOf } from '../../texts/index.ts';
import type { CheckedDocument, DocumentCache } from '../engine/document-cache.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { executeDocument } from '../engine/execute.ts';
import { executeEvent, type Subscription, sourceError, subscribeTo } from '../engine/subscribe.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { formatCursor } from '../schema/shared/cursors.ts';
import { answerOf } from './answer.ts';
import type { EventPace } from './event-pace.ts';
import { eventStream } from './event-stream.ts';
import { SERVER_SENT_EVENTS } from './event-text.ts';
import { acceptsEventStream, mediaTypeOf } from './media-type.ts';
import type { Served } from './served.ts';

/** Makes Yoga parse, validate and execute documents by the same code as the fast lane, each document once. */
export function createEnginePlugin(rules: DocumentRules, documents: DocumentCache): Plugin<GraphQLContext & Served> {
  const checked = new WeakMap<object, CheckedDocument>();
  const executionOf = ({ contextValue, ...args }: ExecutionArgs) => ({
    ...args,
    contextValue: contextValue as GraphQLContext,
  });

  return {
    onParse: ({ context, setParseFn }) =>
      setParseFn((source: string) => {
        const read = context.checked ?? documents.read(source);
        if (!read.document) throw read.errors[0];
        checked.set(read.document, read);
        return read.document;
      }),
    onValidate: ({ setValidationFn }) => setValidationFn((_, document) => checked.get(document)?.errors ?? []),
    onExecute: ({ setExecuteFn }) => setExecuteFn((args: ExecutionArgs) => executeDocument(rules, executionOf(args))),
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async ({ contextValue, ...args }: ExecutionArgs) => {
        const context = contextValue as GraphQLContext & Served;
        const begun = await subscribeTo(rules, { ...args, contextValue: context });
        return 'errors' in begun ? begun : resultsOf(begun, context);
      });
    },
  };
}

/** The results of a subscription, whose position advances with each. */
function resultsOf(
  { follower, args }: Subscription,
  { store, signal, position }: GraphQLContext & Served,
): AsyncGenerator<ExecutionResult, void> {
  const advance = (seq: number) => {
    position.cursor = formatCursor({ epoch: store.epoch, seq });
  };
  async function* results() {
    try {
      for await (const change of follower) {
        const result = await executeEvent(args, change);
        advance(change.seq);
        yield result;
      }
    } catch (error) {
      throw sourceError(error, args);
    }
  }
  const left = signal();
  if (left.aborted) follower.leave();
  left.addEventListener('abort', () => follower.leave());
  advance(follower.seq);
  return results();
}

/** Requests are parsed before they reach Yoga, and answered like all others. */
export const createMessagePlugin = (pace: EventPace): Plugin<GraphQLContext & Served, Served> => ({
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
      setResultProcessor(
        (_, { Response }) => new Response(eventStream(result, position, pace), { headers: SERVER_SENT_EVENTS.headers }),
        'text/event-stream',
      );
    }
  },
  onResponse({ response, serverContext: { exchange, position }, setResponse, fetchAPI }) {
    if (response.status !== 406) return;
    const texts = textsOf(exchange.locale);
    const message = position.isSubscription ? texts.streamNotAcceptable : texts.notAcceptable;
    const errors = [{ message, extensions: { code: 'BAD_REQUEST' } }];
    setResponse(fetchAPI.Response.json({ errors }, { status: 406 }));
  },
});

import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { textsOf } from '../../texts/index.ts';
import type { CheckedDocument, DocumentCache } from '../engine/document-cache.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { executeDocument, MAX_VARIABLE_ERRORS, refuseExecution } from '../engine/execute.ts';
import { tooManyStreams } from '../engine/limits.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { answerOf } from './answer.ts';
import { type EventPace, eventStream } from './event-stream.ts';
import { acceptsEventStream, mediaTypeOf } from './media-type.ts';
import type { Served } from './served.ts';

/** Makes Yoga parse, validate and execute documents by the same code as the fast lane, each document once. */
export function createEnginePlugin(rules: DocumentRules, documents: DocumentCache): Plugin<GraphQLContext & Served> {
  const { hideSuggestions } = rules;
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
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = refuseExecution(rules, executionOf(args));
      const errors = refusal ? [refusal] : unfitVariables(args, hideSuggestions);
      if (errors) return setResultAndStopExecution({ errors });
      const { beginStream, locale } = args.contextValue;
      if (!beginStream()) setResultAndStopExecution({ errors: [tooManyStreams(locale)] });
    },
  };
}

/** Errors of variables; Yoga's own engine of subscriptions would suggest names. */
function unfitVariables(
  { document, operationName, variableValues }: ExecutionArgs,
  hideSuggestions: boolean,
): readonly GraphQLError[] | undefined {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const options = { hideSuggestions, maxErrors: MAX_VARIABLE_ERRORS };
  return getVariableValues(schema, variableDefinitions, variableValues ?? {}, options).errors;
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
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', Connection: 'keep-alive' };
      setResultProcessor(
        (_, { Response }) => new Response(eventStream(result, position, pace), { headers }),
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

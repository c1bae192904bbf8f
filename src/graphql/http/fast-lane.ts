import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLError, getOperationAST } from 'graphql';
import type { Exchange } from '../../http/exchange/exchange.ts';
import { giveWay } from '../../operations/give-way.ts';
import type { CheckedDocument } from '../engine/document-cache.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { executeDocument } from '../engine/execute.ts';
import { MAX_PAUSE_MS } from '../engine/in-turn.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { answerOf } from './answer.ts';
import { mediaTypeOf } from './media-type.ts';
import type { RequestParams } from './request.ts';

// Most calls are one query or mutation as a JSON POST. Yoga makes a web Request and a Response of each, and asks every
// plugin at every step; that costs more than the call itself. So these are executed directly, by the same code that Yoga is
// given for the rest: streams, GET, and requests with unexpected parameters.

export interface FastLane {
  readonly rules: DocumentRules;
  readonly context: (exchange: Exchange, signal: () => AbortSignal) => GraphQLContext;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** A text of so many characters is long. */
const LARGE_BYTES = 1_000_000;

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a request can be answered without Yoga, which reports the errors of all others. */
export function isPlainPost({ method }: IncomingMessage, params: RequestParams): boolean {
  if (method !== 'POST' || !isObject(params)) return false;
  const { query, variables, operationName, extensions } = params;
  return (
    typeof query === 'string' &&
    (operationName == null || typeof operationName === 'string') &&
    (variables == null || isObject(variables)) &&
    (extensions == null || isObject(extensions))
  );
}

/** Answers a plain request; false when it is a stream, or its operation name is unknown, and nothing was done. */
export function createFastLane({ rules, context, maskError }: FastLane) {
  return async (
    exchange: Exchange,
    { operationName, variables }: RequestParams,
    { document, errors }: CheckedDocument,
  ): Promise<boolean> => {
    const { request, response } = exchange;
    const mediaType = mediaTypeOf(request.headers.accept);
    const operation = document && getOperationAST(document, operationName);
    if (!mediaType || (document && (!operation || operation.operation === 'subscription'))) return false;

    let result: { errors?: readonly GraphQLError[] } = { errors };
    if (document && errors.length === 0) {
      exchange.operation = rules.describe(document, operationName);
      const contextValue = context(exchange, () => signalOf(response));
      result = await executeDocument(rules, { document, operationName, variableValues: variables, contextValue });
    }
    if (response.destroyed) return true;
    if (result.errors) {
      const masked = result.errors.map((error) => maskError(error));
      result = { ...result, errors: masked };
      exchange.recordErrors(masked.map((it) => it.extensions['code']));
    }
    const { status, headers, text } = answerOf(result, mediaType);
    exchange.sendText(status, headers, text.length < LARGE_BYTES ? text : await encode(text));
    return true;
  };
}

/**
 * The bytes of a long text. Serializing, encoding and sending megabytes take long, so other requests go first in between.
 */
async function encode(text: string): Promise<Buffer> {
  await giveWay(MAX_PAUSE_MS);
  const bytes = Buffer.from(text);
  await giveWay(MAX_PAUSE_MS);
  return bytes;
}

/** Aborts when the caller leaves before the answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  if (response.closed) left.abort();
  response.once('close', () => left.abort());
  return left.signal;
}

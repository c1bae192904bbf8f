import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import type { CheckedDocument } from '../engine/document-cache.ts';
import type { DocumentRules } from '../engine/document-rules.ts';
import { executeDocument } from '../engine/execute.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { sendResult } from './answer.ts';
import type { DoorExchange } from './door-exchange.ts';
import { maskErrors } from './mask-errors.ts';
import { mediaTypeOf } from './media-type.ts';
import type { RequestParams } from './request.ts';

// Most calls are one query or mutation as a JSON POST. Yoga makes a web Request and a Response of each, and asks every
// plugin at every step; that costs more than the call itself. So these are executed directly, by the same code that Yoga is
// given for the rest: streams, GET, and requests with unexpected parameters.

export interface FastLane {
  readonly rules: DocumentRules;
  readonly context: (exchange: DoorExchange, signal: () => AbortSignal, params: RequestParams) => GraphQLContext;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether parameters are of the types that they should be; Yoga reports the errors of all others. */
export function arePlain(params: RequestParams): boolean {
  if (!isObject(params)) return false;
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
    exchange: DoorExchange,
    params: RequestParams,
    { document, errors }: CheckedDocument,
  ): Promise<boolean> => {
    const { operationName, variables } = params;
    const mediaType = mediaTypeOf(exchange.request.headers.accept);
    const operation = document && getOperationAST(document, operationName);
    if (!mediaType || (document && (!operation || operation.operation === 'subscription'))) return false;

    let result: ExecutionResult = { errors };
    if (document && errors.length === 0) {
      exchange.operation = rules.describe(document, operationName);
      const contextValue = context(exchange, () => exchange.left(), params);
      result = await executeDocument(rules, { document, operationName, variableValues: variables, contextValue });
    }
    if (exchange.isGone) return true;
    sendResult(exchange, maskErrors(result, maskError), mediaType);
    return true;
  };
}

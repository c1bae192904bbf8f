import {
  createSourceEventStream,
  type ExecutionResult,
  GraphQLError,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Change } from '../../domain/change.ts';
import type { Follower } from '../../operations/follow-changes.ts';
import { schema } from '../schema/index.ts';
import type { DocumentRules } from './document-rules.ts';
import { type Execution, MAX_VARIABLE_ERRORS } from './execute.ts';
import { executeOperation } from './executor.ts';
import { tooManyStreams } from './limits.ts';

/** A subscription that was admitted and counted. */
export interface Subscription {
  /** The source of its events; there is one subscription field. */
  readonly follower: Follower;
  /** What executes its selection for each of them. */
  readonly args: ValidatedSubscriptionArgs;
}

export interface Refused {
  readonly errors: readonly GraphQLError[];
}

/** Begins a subscription of a valid document: the one way, for every lane. */
export async function subscribeTo(rules: DocumentRules, execution: Execution): Promise<Subscription | Refused> {
  const { document, operationName, variableValues, contextValue } = execution;
  // How large its answer may be does not matter: it holds one event at a time.
  const admitted = rules.admit(document, operationName, variableValues, contextValue);
  if (typeof admitted !== 'number') return { errors: [admitted] };
  const args = validateSubscriptionArgs({
    schema,
    document,
    operationName,
    contextValue,
    variableValues,
    hideSuggestions: rules.hideSuggestions,
    options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
  });
  if (!('schema' in args)) return { errors: args };
  if (!contextValue.beginStream()) return { errors: [tooManyStreams(contextValue.locale)] };
  const source = await createSourceEventStream(args);
  return 'errors' in source ? (source as Refused) : { follower: source as unknown as Follower, args };
}

/** Executes the selection of a subscription for one change. */
export const executeEvent = (
  args: ValidatedSubscriptionArgs,
  change: Change,
): ExecutionResult | Promise<ExecutionResult> => executeOperation({ ...args, rootValue: change });

/** An error of the source, which ends the subscription; its location is the whole operation. */
export const sourceError = (error: unknown, { operation }: ValidatedSubscriptionArgs): GraphQLError =>
  new GraphQLError(error instanceof Error ? error.message : String(error), {
    nodes: operation,
    originalError: error instanceof Error ? error : undefined,
  });

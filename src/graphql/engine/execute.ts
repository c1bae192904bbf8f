import { type DocumentNode, type ExecutionResult, execute, type GraphQLError, getOperationAST } from 'graphql';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import type { DocumentRules } from './document-rules.ts';
import { paced } from './in-turn.ts';
import { overloaded } from './limits.ts';
import { refusalOf } from './scopes.ts';

/** More errors of variables than anybody reads: each quotes the whole value before it is redacted. */
export const MAX_VARIABLE_ERRORS = 10;

export interface Execution {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** Reads of answers beyond so many bytes are done one after the other. */
const LARGE_BYTES = 1_000_000;

/**
 * The error that prevents an execution: of the caller's scope, or of the size of what is asked for. Otherwise the most bytes
 * of its answer.
 */
const judged = (
  judge: DocumentRules,
  { document, operationName, variableValues, contextValue }: Execution,
): GraphQLError | number =>
  refusalOf(document, operationName, contextValue) ?? judge.admit(document, operationName, variableValues);

/** The error that prevents a subscription, which is executed elsewhere: it holds one event at a time. */
export function refuseExecution(judge: DocumentRules, execution: Execution): GraphQLError | undefined {
  const bytes = judged(judge, execution);
  return typeof bytes === 'number' ? undefined : bytes;
}

/** Executes a query or a mutation of a valid document: the one way, for every lane. */
export function executeDocument(
  judge: DocumentRules,
  execution: Execution,
): ExecutionResult | Promise<ExecutionResult> {
  const { document, operationName, contextValue } = execution;
  const bytes = judged(judge, execution);
  if (typeof bytes !== 'number') return { errors: [bytes] };
  if (bytes > 0 && !contextValue.reserve(bytes)) return { errors: [overloaded(contextValue.locale)] };
  const run = (context = contextValue) =>
    execute({
      ...{ schema, document, operationName },
      contextValue: context,
      variableValues: execution.variableValues,
      hideSuggestions: judge.hideSuggestions,
      options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
    });
  if (bytes <= LARGE_BYTES || getOperationAST(document, operationName)?.operation !== 'query') return run();
  const left = contextValue.signal();
  return contextValue.inTurn(() =>
    left.aborted ? { data: null } : run({ ...contextValue, store: paced(contextValue.store) }),
  );
}

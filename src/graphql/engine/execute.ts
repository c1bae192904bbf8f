import { type DocumentNode, type ExecutionResult, execute, type GraphQLError, getOperationAST } from 'graphql';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import type { Judge } from './document-rules.ts';
import { overloaded } from './limits.ts';
import { paced } from './paced.ts';
import { refusalOf } from './scopes.ts';

/** More errors of variables than anybody reads: each quotes the whole value before it is taken out. */
export const MAX_VARIABLE_ERRORS = 10;

export interface Execution {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** Reads of answers beyond so many bytes are done one after the other. */
const LARGE = 1_000_000;

/**
 * What speaks against an execution: the caller's scope, the size of what is asked for with these variables, or how much is
 * kept for others. When nothing does, room for so many bytes of the answer is reserved.
 */
function admit(
  judge: Judge,
  { document, operationName, variableValues, contextValue }: Execution,
): GraphQLError | number {
  const refusal = refusalOf(document, operationName, contextValue);
  if (refusal) return refusal;
  const bytes = judge.admit(document, operationName, variableValues);
  if (typeof bytes !== 'number' || bytes === 0) return bytes;
  return contextValue.reserve(bytes) ? bytes : overloaded(contextValue.locale);
}

/** What speaks against an execution that is not done here, such as that of a subscription. */
export function refuseExecution(judge: Judge, execution: Execution): GraphQLError | undefined {
  const admitted = admit(judge, execution);
  return typeof admitted === 'number' ? undefined : admitted;
}

/** Executes a query or a mutation of a document without errors: the one way, however it came. */
export function executeDocument(judge: Judge, execution: Execution): ExecutionResult | Promise<ExecutionResult> {
  const { document, operationName } = execution;
  const admitted = admit(judge, execution);
  if (typeof admitted !== 'number') return { errors: [admitted] };
  const run = (contextValue = execution.contextValue) =>
    execute({
      ...{ schema, document, contextValue, operationName },
      variableValues: execution.variableValues,
      hideSuggestions: judge.hideSuggestions,
      options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
    });
  if (admitted <= LARGE || getOperationAST(document, operationName)?.operation !== 'query') return run();
  const { contextValue } = execution;
  const left = contextValue.signal();
  return contextValue.inTurn(() =>
    left.aborted ? { data: null } : run({ ...contextValue, store: paced(contextValue.store) }),
  );
}

import { type DocumentNode, type ExecutionResult, execute } from 'graphql';
import type { GraphQLContext } from './builder.ts';
import type { Judge } from './judge-documents.ts';
import { schema } from './schema.ts';
import { refusalOf } from './scopes.ts';

/** More errors of variables than anybody reads: each quotes the whole value before it is taken out. */
export const MAX_VARIABLE_ERRORS = 10;

export interface Execution {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** What speaks against an execution: the caller's scope, or the size of what is asked for with these variables. */
export const refuseExecution = (judge: Judge, { document, operationName, variableValues, contextValue }: Execution) =>
  refusalOf(document, operationName, contextValue) ?? judge.refusalOf(document, operationName, variableValues);

/** Executes a query or a mutation of a document without errors: the one way, however it came. */
export function executeDocument(judge: Judge, execution: Execution): ExecutionResult | Promise<ExecutionResult> {
  const refusal = refuseExecution(judge, execution);
  if (refusal) return { errors: [refusal] };
  return execute({
    schema,
    document: execution.document,
    contextValue: execution.contextValue,
    variableValues: execution.variableValues,
    operationName: execution.operationName,
    hideSuggestions: judge.hideSuggestions,
    options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
  });
}

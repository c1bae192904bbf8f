import { type DocumentNode, type ExecutionResult, execute, type GraphQLError, getOperationAST } from 'graphql';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import type { DocumentRules } from './document-rules.ts';
import { paced } from './in-turn.ts';
import { overloaded } from './limits.ts';

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

const admit = (
  rules: DocumentRules,
  { document, operationName, variableValues, contextValue }: Execution,
): GraphQLError | number => rules.admit(document, operationName, variableValues, contextValue);

/** The error that prevents a subscription, which is executed elsewhere: it holds one event at a time. */
export function refuseExecution(rules: DocumentRules, execution: Execution): GraphQLError | undefined {
  const bytes = admit(rules, execution);
  return typeof bytes === 'number' ? undefined : bytes;
}

/** Executes a query or a mutation of a valid document: the one way, for every lane. */
export function executeDocument(
  rules: DocumentRules,
  execution: Execution,
): ExecutionResult | Promise<ExecutionResult> {
  const { document, operationName, contextValue } = execution;
  const bytes = admit(rules, execution);
  if (typeof bytes !== 'number') return { errors: [bytes] };
  if (bytes > 0 && !contextValue.reserve(bytes)) return { errors: [overloaded(contextValue.locale)] };
  const run = (context = contextValue) =>
    execute({
      schema,
      document,
      operationName,
      contextValue: context,
      variableValues: execution.variableValues,
      hideSuggestions: rules.hideSuggestions,
      options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
    });
  if (bytes <= LARGE_BYTES || getOperationAST(document, operationName)?.operation !== 'query') return run();
  const left = contextValue.signal();
  return contextValue.inTurn(() =>
    left.aborted ? { data: null } : run({ ...contextValue, store: paced(contextValue.store) }),
  );
}

import { type DocumentNode, type ExecutionResult, validateExecutionArgs } from 'graphql';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import type { DocumentRules } from './document-rules.ts';
import { executeOperation } from './executor.ts';
import { overloaded } from './limits.ts';

/** More errors of variables than anybody reads: each quotes the whole value before it is redacted. */
export const MAX_VARIABLE_ERRORS = 10;

export interface Execution {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** Executes a query or a mutation of a valid document: the one way, for every lane. */
export function executeDocument(
  rules: DocumentRules,
  execution: Execution,
): ExecutionResult | Promise<ExecutionResult> {
  const result = executeWithin(rules, execution);
  const { document, operationName, variableValues, contextValue } = execution;
  const cost = contextValue.asksCost ? rules.costOf(document, operationName, variableValues) : undefined;
  if (!cost) return result;
  const withCost = (it: ExecutionResult) => ({ ...it, extensions: { ...it.extensions, cost } });
  return result instanceof Promise ? result.then(withCost) : withCost(result);
}

/** Executes it if it is admitted, and its answer fits. */
function executeWithin(rules: DocumentRules, execution: Execution): ExecutionResult | Promise<ExecutionResult> {
  const { document, operationName, variableValues, contextValue } = execution;
  const bytes = rules.admit(document, operationName, variableValues, contextValue);
  if (typeof bytes !== 'number') return { errors: [bytes] };
  const fits = bytes === 0 || contextValue.reserve(bytes);
  const run = (fits: boolean) =>
    fits ? executeAdmitted(rules, execution) : { errors: [overloaded(contextValue.locale)] };
  return typeof fits === 'boolean' ? run(fits) : fits.then(run);
}

function executeAdmitted(
  { hideSuggestions }: DocumentRules,
  { document, operationName, contextValue, variableValues }: Execution,
): ExecutionResult | Promise<ExecutionResult> {
  const args = validateExecutionArgs({
    schema,
    document,
    operationName,
    contextValue,
    variableValues,
    hideSuggestions,
    options: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
  });
  return 'schema' in args ? executeOperation(args) : { errors: args };
}

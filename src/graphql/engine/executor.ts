import type { ExecutionResult, GraphQLObjectType, ValidatedExecutionArgs } from 'graphql';
import { collectSubfields, type FieldDetailsList } from 'graphql/execution/collectFields.js';
import type { SharedExecutionContext } from 'graphql/execution/createSharedExecutionContext.js';
import { Executor } from 'graphql/execution/Executor.js';

type Subfields = ReturnType<typeof collectSubfields>;
type Arguments = Parameters<Executor['collectAndExecuteSubfields']>;
type Fields = ReturnType<Executor['collectAndExecuteSubfields']>;

// By itself an execution has a signal that it aborts at its end, and a set of what still runs. Both are for hooks and resolvers
// that ask for them, and nothing here does. They cost more than the fields of a small answer.

const NEVER = new AbortController().signal;
const ignore = () => {};
const promiseAll: SharedExecutionContext['promiseAll'] = (values) => Promise.all(values);

/** What nobody waits for any more must not be an unhandled rejection. */
function handle(value: unknown): void {
  if (value instanceof Promise) value.catch(ignore);
}

const SHARED = {
  asyncWorkTracker: {
    add: handle,
    addValues: (values: readonly unknown[]) => values.forEach(handle),
    wait: ignore,
  },
  getAbortSignal: () => NEVER,
  getAsyncHelpers: () => ({ promiseAll, track: (values: readonly unknown[]) => values.forEach(handle) }),
  promiseAll,
} as unknown as SharedExecutionContext;

/** Keeps the fields of each selection by itself: the engine has weak maps for all executions, which cost twice as much. */
class OperationExecutor extends Executor {
  readonly #known = new Map<FieldDetailsList, Map<GraphQLObjectType, Subfields>>();

  override collectAndExecuteSubfields(...[type, fields, path, result, position]: Arguments): Fields {
    const { groupedFieldSet, newDeferUsages } = this.#subfieldsOf(type, fields);
    return this.executeCollectedSubfields(type, result, path, groupedFieldSet, newDeferUsages, position);
  }

  #subfieldsOf(type: GraphQLObjectType, fields: FieldDetailsList): Subfields {
    const byType = this.#known.get(fields) ?? new Map<GraphQLObjectType, Subfields>();
    let found = byType.get(type);
    if (!found) {
      const { schema, fragments, variableValues, hideSuggestions } = this.validatedExecutionArgs;
      found = collectSubfields(schema, fragments, variableValues, type, fields, hideSuggestions);
      this.#known.set(fields, byType.set(type, found));
    }
    return found;
  }
}

/** Executes an operation as graphql's `executeRootSelectionSet` does, and one event of a subscription. */
export const executeOperation = (args: ValidatedExecutionArgs): ExecutionResult | Promise<ExecutionResult> =>
  new OperationExecutor(args, SHARED).executeRootSelectionSet();

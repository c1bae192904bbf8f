import { Kind, type OperationDefinitionNode } from 'graphql';

/** The most fields named of an operation that asks for many. */
const MAX_FIELDS = 3;

/**
 * Describes an operation of a valid document for the log, like `mutation updateIntercomFlat`, by the names of the schema: a
 * name or an alias of the caller may hold anything.
 */
export function describeOperation({ operation, selectionSet }: OperationDefinitionNode): string {
  const fields = new Set(selectionSet.selections.map((it) => (it.kind === Kind.FIELD ? it.name.value : '...')));
  const names = [...fields].slice(0, MAX_FIELDS).join(' ');
  return `${operation} ${names}${fields.size > MAX_FIELDS ? ' ...' : ''}`;
}

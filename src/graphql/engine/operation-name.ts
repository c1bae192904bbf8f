import { type DocumentNode, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';

/** The most fields named of an operation that asks for many. */
const MAX_FIELDS = 3;

const described = new WeakMap<OperationDefinitionNode, string>();

/**
 * Describes an operation of a valid document for the log, like `mutation updateIntercomFlat`, by the names of the schema: a
 * name or an alias of the caller may hold anything.
 */
export function describeOperation(document: DocumentNode, operationName: string | null | undefined): string {
  const operation = getOperationAST(document, operationName);
  if (!operation) return '';
  const known = described.get(operation);
  if (known) return known;
  const fields = new Set(
    operation.selectionSet.selections.map((it) => (it.kind === Kind.FIELD ? it.name.value : '...')),
  );
  const names = [...fields].slice(0, MAX_FIELDS).join(' ');
  const text = `${operation.operation} ${names}${fields.size > MAX_FIELDS ? ' ...' : ''}`;
  described.set(operation, text);
  return text;
}

import {
  type DocumentNode,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { schema } from '../schema/index.ts';

/**
 * Whether a valid document reads only a few rows, by their keys, whatever its variables are: one operation without fragments,
 * lists of records, counts and introspection. Other threads answer the rest, which takes longer than to hand it over.
 */
export function isShort({ definitions }: DocumentNode): boolean {
  const [operation, ...others] = definitions;
  if (others.length > 0 || operation?.kind !== Kind.OPERATION_DEFINITION) return false;
  return isShortSelection(operation.selectionSet, schema.getRootType(operation.operation));
}

function isShortSelection(set: SelectionSetNode, parent: GraphQLNamedType | null | undefined): boolean {
  return set.selections.every((it) => {
    if (it.kind === Kind.FRAGMENT_SPREAD) return false;
    if (it.kind === Kind.INLINE_FRAGMENT) {
      const type = it.typeCondition ? schema.getType(it.typeCondition.name.value) : parent;
      return isShortSelection(it.selectionSet, type);
    }
    if (it.name.value.startsWith('__')) return it.name.value === '__typename';
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[it.name.value] : undefined;
    if (!field || field.extensions['countsAll'] || field.extensions['longRunning']) return false;
    const type = getNamedType(field.type);
    if (isConnection(type)) return false;
    return !it.selectionSet || isShortSelection(it.selectionSet, type);
  });
}

const isConnection = (type: GraphQLNamedType): boolean => isObjectType(type) && 'edges' in type.getFields();

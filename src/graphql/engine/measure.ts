import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { MAX_UPDATES } from '../../operations/update-flat.ts';
import { DEFAULT_PAGE, MAX_PAGE } from '../schema/shared/connection.ts';
import { CHARACTERS, COUNT_ALL, READ, SHORT_LIST } from './costs.ts';
import { added, MOST, NOTHING, type Part, type Size, withDirectives } from './size.ts';

/** The values of variables: what the caller sent, or whatever makes an answer smallest or largest. */
export type Values = Readonly<Record<string, unknown>> | 'smallest' | 'largest';

/** The fields of a list for which it is counted. */
const COUNTING: ReadonlySet<string> = new Set(['totalCount', 'totalCountIsExact']);

/** A definition that can be measured. */
export type Measurable = OperationDefinitionNode | FragmentDefinitionNode;

/**
 * Measures an operation, or a fragment alone. The document need not be valid: a field that the schema does not have is
 * measured all the same.
 */
export function measure(schema: GraphQLSchema, document: DocumentNode, definition: Measurable, values: Values): Size {
  const fragments = fragmentsOf(document);
  const measured = new Map<FragmentDefinitionNode, Part>();

  function ofFragment(name: string): Part {
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    const known = measured.get(fragment);
    if (known) return known;
    // Validation refuses a cycle of fragments; here it must only terminate.
    measured.set(fragment, NOTHING);
    const type = schema.getType(fragment.typeCondition.name.value);
    const part = withDirectives(fragment, ofSelections(fragment.selectionSet, type));
    measured.set(fragment, part);
    return part;
  }

  /** `seen` are the fields that stand in the same selection already, as those of its inline fragments do. */
  function ofSelections(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    seen = new Set<string>(),
  ): Part {
    let sum = NOTHING;
    for (const selection of selections) {
      sum = added(sum, withDirectives(selection, ofSelection(selection, type, seen)));
    }
    return sum;
  }

  function ofSelection(selection: SelectionNode, type: GraphQLNamedType | undefined, seen: Set<string>): Part {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      return ofSelections(selection.selectionSet, condition === undefined ? type : schema.getType(condition), seen);
    }
    const key = `${type?.name}.${(selection.alias ?? selection.name).value}`;
    const again = selection.alias !== undefined || seen.has(key);
    seen.add(key);
    const part = ofField(selection, fieldOf(type, selection), type === schema.getQueryType());
    // A long name is repeated in every row.
    const complexity = part.complexity + Math.floor((selection.alias?.value.length ?? 0) / CHARACTERS);
    return { ...part, aliases: part.aliases + (again ? 1 : 0), complexity };
  }

  function ofField(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined, ofAll: boolean): Part {
    const below = node.selectionSet ? ofSelections(node.selectionSet, field && getNamedType(field.type)) : NOTHING;
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    const depth = introspects ? 1 : below.depth + 1;
    const introspectionDepth = introspects ? Math.max(below.depth, below.introspectionDepth) : below.introspectionDepth;
    if (field?.extensions['perRow']) {
      const perEdge = below.complexity + below.perEdge;
      return { ...below, depth, introspectionDepth, complexity: 1, perEdge, counts: 0 };
    }
    if (COUNTING.has(node.name.value)) return { ...NOTHING, depth, complexity: 1, counts: 1 };
    const counting = field?.extensions['countsAll'] ? 1 : below.counts;
    const complexity = costOf(node, field, below) + counting * (ofAll ? COUNT_ALL : READ);
    return { ...below, depth, introspectionDepth, complexity: Math.min(MOST, complexity), perEdge: 0, counts: 0 };
  }

  function costOf(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined, below: Part): number {
    if (field && hasArgument(field, 'first') && hasArgument(field, 'last')) {
      const rows = given(node, 'first') ?? given(node, 'last') ?? DEFAULT_PAGE;
      return READ + below.complexity + Math.min(Math.max(rows, 0), MAX_PAGE) * below.perEdge;
    }
    const once = below.complexity + below.perEdge + textOf(field);
    if (!field || !isListType(getNullableType(field.type))) return 1 + once;
    const first = field.args.find((it) => it.name === 'first');
    if (first) {
      const entries = given(node, 'first') ?? (first.defaultValue as number);
      return 1 + Math.min(Math.max(entries, 0), MAX_PAGE) * once;
    }
    // A list that answers a list has a row for each of its entries.
    const asked = field.args.find((it) => isListType(getNullableType(it.type)));
    const rows = asked ? Math.min(given(node, asked.name) ?? 1, MAX_UPDATES) : SHORT_LIST;
    return 1 + rows * once;
  }

  /** The cost of a field for the length of its text. */
  const textOf = (field: GraphQLField<unknown, unknown> | undefined): number =>
    Math.ceil(((field?.extensions['maxLength'] as number | undefined) ?? 0) / CHARACTERS);

  /** The number in an argument, or its number of entries. */
  function given(node: FieldNode, name: string): number | undefined {
    const value = node.arguments?.find((it) => it.name.value === name)?.value;
    if (value?.kind === Kind.INT) return Number(value.value);
    if (value?.kind === Kind.LIST) return value.values.length;
    if (value?.kind !== Kind.VARIABLE) return undefined;
    if (values === 'smallest') return 0;
    if (values === 'largest') return Math.max(MAX_PAGE, MAX_UPDATES);
    const sent = values[value.name.value];
    if (sent === undefined) return defaultOf(definition, value.name.value);
    return typeof sent === 'number' ? sent : Array.isArray(sent) ? sent.length : undefined;
  }

  const type =
    definition.kind === Kind.OPERATION_DEFINITION
      ? schema.getRootType(definition.operation)
      : schema.getType(definition.typeCondition.name.value);
  return withDirectives(definition, ofSelections(definition.selectionSet, type ?? undefined));
}

export const fragmentsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(definitions.flatMap((it) => (it.kind === Kind.FRAGMENT_DEFINITION ? [[it.name.value, it]] : [])));

const fieldOf = (
  type: GraphQLNamedType | undefined,
  { name }: FieldNode,
): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name.value] : undefined;

const hasArgument = (field: GraphQLField<unknown, unknown>, name: string): boolean =>
  field.args.some((it) => it.name === name);

function defaultOf({ variableDefinitions }: Measurable, name: string): number | undefined {
  const value = variableDefinitions?.find((it) => it.variable.name.value === name)?.defaultValue;
  return value?.kind === Kind.INT ? Number(value.value) : value?.kind === Kind.LIST ? value.values.length : undefined;
}

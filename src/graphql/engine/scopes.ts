import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { accessOf, type Scope, widest } from '../../domain/caller.ts';
import { textsOf } from '../../texts/index.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { scopeOf } from '../schema/shared/needs.ts';

/** Results for operations: a cached document is the same object, and needs the same scope. */
const found = new WeakMap<OperationDefinitionNode, Scope>();

/** The scope that an operation needs: the widest of its root fields, skipped or not. */
export function requiredScope(operation: OperationDefinitionNode, document: DocumentNode): Scope {
  if (operation.operation !== 'mutation') return 'read';
  const known = found.get(operation);
  if (known) return known;
  const mutations = schema.getMutationType()?.getFields() ?? {};
  const names = rootFields(operation.selectionSet, fragmentsOf(document));
  const scope = widest([...names].filter((it) => it !== '__typename').map((it) => scopeOf(mutations[it])));
  found.set(operation, scope);
  return scope;
}

/** The names of the fields at the root, through fragments of every kind. */
function rootFields(root: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): Set<string> {
  const names = new Set<string>();
  const seen = new Set<SelectionSetNode | undefined>();
  function walk(set: SelectionSetNode | undefined): void {
    if (!set || seen.has(set)) return;
    seen.add(set);
    for (const it of set.selections) {
      if (it.kind === Kind.FIELD) names.add(it.name.value);
      else walk(it.kind === Kind.INLINE_FRAGMENT ? it.selectionSet : fragments.get(it.name.value)?.selectionSet);
    }
  }
  walk(root);
  return names;
}

const fragmentsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(definitions.flatMap((it) => (it.kind === Kind.FRAGMENT_DEFINITION ? [[it.name.value, it]] : [])));

/** The error when the caller's scope does not cover an operation. */
export function refusalOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  { caller, locale }: GraphQLContext,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  // Without an operation the engine itself reports the error.
  if (!operation) return undefined;
  const needed = requiredScope(operation, document);
  const access = accessOf(caller, needed);
  if (access === 'granted') return undefined;
  const texts = textsOf(locale);
  return access === 'unauthenticated'
    ? new GraphQLError(texts.tokenMissing, {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } } },
      })
    : new GraphQLError(texts.scopeTooNarrow(needed), { extensions: { code: 'FORBIDDEN', http: { status: 403 } } });
}

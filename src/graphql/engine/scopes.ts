import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { accessOf, type Scope, widest } from '../../domain/caller.ts';
import { textsOf } from '../../texts/index.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { scopeOf } from '../schema/shared/needs.ts';
import { fragmentsOf } from './measure.ts';

/** The scope that an operation needs: the widest of its root fields, skipped or not. */
export function requiredScope(operation: OperationDefinitionNode, document: DocumentNode): Scope {
  if (operation.operation !== 'mutation') return 'read';
  const mutations = schema.getMutationType()?.getFields() ?? {};
  const names = rootFields(operation.selectionSet, fragmentsOf(document));
  return widest([...names].filter((it) => it !== '__typename').map((it) => scopeOf(mutations[it])));
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

/** The error when the caller's scope does not cover the one that is needed. */
export function refuseScope(
  needed: Scope,
  { caller, locale }: Pick<GraphQLContext, 'caller' | 'locale'>,
): GraphQLError | undefined {
  const access = accessOf(caller, needed);
  if (access === 'granted') return undefined;
  const texts = textsOf(locale);
  return access === 'unauthenticated'
    ? new GraphQLError(texts.tokenMissing, {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } } },
      })
    : new GraphQLError(texts.scopeTooNarrow(needed), { extensions: { code: 'FORBIDDEN', http: { status: 403 } } });
}

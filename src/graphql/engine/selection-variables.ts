import {
  type ASTNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * The names of the variables that decide what an operation of a valid document selects: all but those that are only in
 * arguments of its root fields.
 */
export function selectionVariables(operation: OperationDefinitionNode, fragments: Fragments): readonly string[] {
  const names = new Set<string>();
  const entered = new Set<string>();

  /** All variables in a part of the document, and in the fragments that it uses. */
  function collect(node: ASTNode): void {
    visit(node, {
      Variable: ({ name }) => void names.add(name.value),
      FragmentSpread({ name: { value: name } }) {
        const fragment = fragments[name];
        if (!fragment || entered.has(name)) return;
        entered.add(name);
        collect(fragment);
      },
    });
  }

  function walkRoot(root: SelectionSetNode): void {
    for (const it of root.selections) {
      for (const directive of it.directives ?? []) collect(directive);
      if (it.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments[it.name.value];
        if (fragment) walkRoot(fragment.selectionSet);
      } else if (it.kind === Kind.INLINE_FRAGMENT) walkRoot(it.selectionSet);
      else if (it.selectionSet) collect(it.selectionSet);
    }
  }
  walkRoot(operation.selectionSet);
  return [...names];
}

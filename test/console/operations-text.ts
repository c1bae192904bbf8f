import { readdir, readFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { Kind, type OperationDefinitionNode, parse, print, stripIgnoredCharacters, visit } from 'graphql';

const PAGE = new URL('../../src/console/page/', import.meta.url);

/** The module that the page imports: kept in the repository, and true to its sources by a test. */
export const OPERATIONS_FILE = new URL('./operations.ts', PAGE);

const HEAD = `// Printed by npm run schema from operations/*.graphql and the schema; do not edit.

/** The text of an operation, with the types of its variables and its answer. */
export type Operation<Data, Variables> = string & { readonly types?: (variables: Variables) => Data };
`;

/** The types of the console's operations and their texts, as a module. */
export async function operationsText(): Promise<string> {
  const schema = parse(await readFile(new URL('../../src/graphql/schema.graphql', import.meta.url), 'utf8'));
  const folder = new URL('./operations/', PAGE);
  const names = (await readdir(folder)).filter((it) => it.endsWith('.graphql')).sort();
  const texts = await Promise.all(names.map((it) => readFile(new URL(it, folder), 'utf8')));
  const document = parse(texts.join('\n'));
  const types = await codegen({
    filename: 'operations.ts',
    schema,
    documents: [{ document }],
    config: { enumsAsTypes: true, skipTypename: true, scalars: { DateTime: 'string', ID: 'string' } },
    plugins: [{ operations: {} }],
    pluginMap: { operations },
  });

  const fragments = new Map(
    document.definitions.flatMap((it) => (it.kind === Kind.FRAGMENT_DEFINITION ? [[it.name.value, it] as const] : [])),
  );
  /** An operation with the fragments that it spreads. */
  function textOf(operation: OperationDefinitionNode): string {
    const used = new Set<string>();
    const collect = (node: Parameters<typeof visit>[0]) =>
      void visit(node, {
        FragmentSpread({ name: { value } }) {
          const fragment = fragments.get(value);
          if (used.has(value) || !fragment) return;
          used.add(value);
          collect(fragment);
        },
      });
    collect(operation);
    const parts = [operation, ...[...used].flatMap((it) => fragments.get(it) ?? [])];
    return stripIgnoredCharacters(parts.map(print).join('\n'));
  }
  const constants = document.definitions.flatMap((it) => {
    if (it.kind !== Kind.OPERATION_DEFINITION || !it.name) return [];
    const type = `${it.name.value}${it.operation[0]?.toUpperCase()}${it.operation.slice(1)}`;
    return `export const ${it.name.value}: Operation<${type}, ${type}Variables> = ${JSON.stringify(textOf(it))};`;
  });
  return `${HEAD}\n${types}\n${constants.join('\n')}\n`;
}

import { readFileSync } from 'node:fs';
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The first section of the changelog: what the next release changes. */
const [, NEXT = ''] = read('CHANGELOG.md').split(/^## /m);
const RELEASED = read('test/graphql/released.graphql');

/** The breaking changes between two schemas that a changelog does not name. */
async function unnamed(before: string, after: string, changelog: string): Promise<readonly string[]> {
  const changes: readonly Change[] = await diff(buildSchema(before), buildSchema(after));
  return changes
    .filter(
      ({ criticality, path }) => criticality.level === CriticalityLevel.Breaking && !changelog.includes(`\`${path}\``),
    )
    .map(({ message }) => message);
}

it('the changelog names each breaking change of the schema since the last release, and the release', async () => {
  expect(NEXT.split('\n')[0]).toContain(JSON.parse(read('package.json')).version);
  expect(await unnamed(RELEASED, read('src/graphql/schema.graphql'), NEXT)).toEqual([]);
});

it('a breaking change that the changelog does not name is found', async () => {
  const [before, after] = ['type Query { a: Int! b: Int! c: Int! }', 'type Query { a: Int b: Int d: Int }'];
  expect(await unnamed(before, after, '`Query.a` is nullable, and so is Query.b.')).toEqual([
    "Field 'c' was removed from object type 'Query'",
    "Field 'Query.b' changed type from 'Int!' to 'Int'",
  ]);
});

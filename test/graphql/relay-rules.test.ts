import { readFileSync } from 'node:fs';
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema/index.ts';

// What the Relay rules of graphql-eslint check, which itself cannot be installed beside this version of graphql.

const FIELDS = Object.values(schema.getTypeMap())
  .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'))
  .flatMap((type) =>
    Object.values((type as GraphQLObjectType).getFields()).map((field) => ({
      name: `${type.name}.${field.name}`,
      field,
    })),
  );

const typesOf = (fields: Readonly<Record<string, { readonly type: unknown }>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, String(type)]));

const isConnection = ({ type }: GraphQLField<unknown, unknown>) => getNamedType(type).name.endsWith('Connection');

it('every list that does not wrap an edge is explained in the README', () => {
  const bare = FIELDS.filter(
    ({ field: { type } }) => isListType(getNullableType(type)) && !getNamedType(type).name.endsWith('Edge'),
  ).map(({ name }) => name);
  const [, table = ''] = readFileSync(new URL('../../src/graphql/README.md', import.meta.url), 'utf8').split(
    '| list | why |',
  );
  const explained = [...table.matchAll(/`(\w+\.\w+)`/g)].map(([, name]) => name);
  expect(explained.toSorted()).toEqual(bare.toSorted());
});

it('every connection has edges, a page info and the four arguments', () => {
  const connections = FIELDS.filter(({ field }) => isConnection(field));
  expect(connections.length).toBeGreaterThan(4);
  for (const { name, field } of connections) {
    const { first, after, last, before } = Object.fromEntries(field.args.map((it) => [it.name, String(it.type)]));
    expect({ name, first, after, last, before }).toEqual({
      ...{ name, first: 'Int', after: 'String', last: 'Int', before: 'String' },
    });
    const connection = getNamedType(field.type) as GraphQLObjectType;
    const row = connection.name.replace('Connection', '');
    expect(typesOf(connection.getFields())).toMatchObject({ edges: `[${row}Edge!]!`, pageInfo: 'PageInfo!' });
    const edge = schema.getType(`${row}Edge`) as GraphQLObjectType;
    expect(typesOf(edge.getFields())).toEqual({ cursor: 'String!', node: `${row}!` });
    const node = schema.getType(row) as GraphQLObjectType;
    expect(node.getInterfaces().map((it) => it.name)).toContain('Node');
  }
  expect(typesOf((schema.getType('PageInfo') as GraphQLObjectType).getFields())).toEqual({
    ...{ startCursor: 'String', endCursor: 'String', hasNextPage: 'Boolean!', hasPreviousPage: 'Boolean!' },
  });
});

import { readFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildClientSchema, buildSchema, type GraphQLSchema, getIntrospectionQuery, parse, printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { start } from '../support/start.ts';

const FILE = new URL('../../src/graphql/schema.graphql', import.meta.url);
const DOCUMENT = `mutation SwitchOff($input: UpdateIntercomFlatInput!) {
  updateIntercomFlat(input: $input) {
    __typename
    ... on UpdateIntercomFlatSuccess { intercomFlat { id version updatedAt properties { isAnalogLineAvailable } } }
    ... on VersionConflict { message }
  }
}`;

/** The types of the operation, as graphql-codegen writes them with a scalar as text. */
const typesOf = (schema: GraphQLSchema): Promise<string> =>
  codegen({
    filename: 'operations.ts',
    schema: parse(printSchema(schema)),
    documents: [{ location: 'switch-off.graphql', document: parse(DOCUMENT) }],
    plugins: [{ operations: {} }],
    pluginMap: { operations },
    config: { scalars: { DateTime: 'string' } },
  });

it('graphql-codegen writes the same types from schema.graphql and from the endpoint', async () => {
  await using world = await start();
  const { data } = await world.gql(getIntrospectionQuery({ specifiedByUrl: true, oneOf: true }));
  const fromFile = await typesOf(buildSchema(readFileSync(FILE, 'utf8')));
  expect(await typesOf(buildClientSchema(data))).toBe(fromFile);
  // What a caller has to look at before it reads the flat.
  expect(fromFile).toMatch(/__typename: 'UpdateIntercomFlatSuccess'/);
  expect(fromFile).toMatch(/__typename: 'VersionConflict'/);
  expect(fromFile).toMatch(/updatedAt: string/);
});

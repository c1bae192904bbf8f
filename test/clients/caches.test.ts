import { ApolloClient, gql, HttpLink } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { type GraphQLNamedType, getNamedType, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema/index.ts';
import { BUILDING, start } from '../support/start.ts';
import { createApolloCache, POSSIBLE_TYPES } from './apollo-cache.ts';
import { createUrqlCache, KEYS } from './urql-cache.ts';

// Two parts of a page ask for different fields of the same objects. Both have to find all of theirs in the cache afterwards.
const PARTS = [
  `query A { intercomFlat(by: { flatId: 1 }) { id properties { isAnalogLineAvailable } changes(last: 1) { edges { node { id ... on LinesChange { before { isAnalogLineAvailable } } } } } }
    lineStatistics { flats lines { line available } } }`,
  `query B { intercomFlat(by: { flatId: 1 }) { id properties { isLandlineSipLineAvailable } changes(last: 1) { edges { node { id ... on LinesChange { before { isLandlineSipLineAvailable } } } } } }
    lineStatistics { changedLastDay lines { line unavailable } } }`,
];
const PAGE =
  'query Page($after: String) { intercomFlats(first: 1, after: $after) { edges { node { id flat } } pageInfo { hasNextPage endCursor } } }';

interface PageData {
  readonly intercomFlats: {
    readonly edges: readonly { readonly node: { readonly flat: number } }[];
    readonly pageInfo: { readonly endCursor: string };
  };
}

const flatsOf = (data: PageData | undefined) => data?.intercomFlats.edges.map((it) => it.node.flat);

async function changedWorld() {
  const world = await start({ flats: BUILDING });
  await world.patch({ flat_id: 1, is_analog_line_available: false });
  return world;
}

it('the cache of Apollo Client loses nothing of objects without an id, and adds page to page', async () => {
  await using world = await changedWorld();
  const client = new ApolloClient({ link: new HttpLink({ uri: `${world.url}/graphql` }), cache: createApolloCache() });
  const sent = [];
  for (const query of PARTS) sent.push((await client.query({ query: gql(query) })).data);
  const cached = PARTS.map((query) => client.readQuery({ query: gql(query) }));
  expect(cached).toEqual(sent);
  const query = gql(PAGE);
  const list = client.watchQuery<PageData>({ query });
  const first = (await list.refetch()).data;
  await list.fetchMore({ variables: { after: first?.intercomFlats.pageInfo.endCursor } });
  expect(flatsOf(client.readQuery<PageData>({ query }) ?? undefined)).toEqual([10, 11]);
  client.stop();
});

it('the cache of urql loses nothing of objects without an id, and adds page to page', async () => {
  await using world = await changedWorld();
  const client = new Client({
    url: `${world.url}/graphql`,
    preferGetMethod: false,
    exchanges: [createUrqlCache(), fetchExchange],
  });
  const sent = [];
  for (const query of PARTS) sent.push((await client.query(query, {})).data);
  const fromCache = { requestPolicy: 'cache-only' } as const;
  const cached = [];
  for (const query of PARTS) cached.push((await client.query(query, {}, fromCache)).data);
  expect(cached).toEqual(sent);
  const { data } = await client.query<PageData>(PAGE, {});
  const after = data?.intercomFlats.pageInfo.endCursor;
  expect(flatsOf((await client.query<PageData>(PAGE, { after })).data)).toEqual([10, 11]);
});

/** The object types that queries can answer. */
function answeredTypes(): readonly GraphQLNamedType[] {
  const seen = new Set<GraphQLNamedType>();
  const open: GraphQLNamedType[] = [schema.getQueryType() as GraphQLNamedType];
  for (let type = open.pop(); type; type = open.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    if (isAbstractType(type)) open.push(...schema.getPossibleTypes(type));
    else if (isObjectType(type)) open.push(...Object.values(type.getFields()).map((it) => getNamedType(it.type)));
  }
  return [...seen].filter((it) => isObjectType(it) && it !== schema.getQueryType());
}

it('the settings know every type without an id, and the types of every interface', () => {
  const parts = answeredTypes().filter((it) => isObjectType(it) && !it.getFields()['id']);
  expect(Object.keys(KEYS).toSorted()).toEqual(parts.map((it) => it.name).toSorted());
  const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
  const possible = interfaces.map((it) => [
    it.name,
    schema
      .getPossibleTypes(it)
      .map(({ name }) => name)
      .toSorted(),
  ]);
  expect(POSSIBLE_TYPES).toEqual(Object.fromEntries(possible));
});

import {
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema/index.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const ASK = { 'graphql-cost': '1' };
/** A row: its edge's node, with three fields, of which one is a short list. */
const ROW = 1 + 2 + (1 + 4 * 2);
const PAGE = 'query ($n: Int) { intercomFlats(first: $n) { edges { node { id flat keys { code } } } } }';

/** What the answer to a document says that it cost. */
const costOf = async (world: World, query: string, variables?: object) => {
  const answer = await world.gql(query, variables, ASK);
  return (answer as { extensions?: { cost?: { complexity: number } } }).extensions?.cost;
};

describe('what an answer cost', () => {
  it('is in the answer when a header or an extension asks for it, and in no other', async () => {
    await using world = await start({ flats: BUILDING });
    const cost = { complexity: 11 + 7 * ROW, maxComplexity: 100_000 };
    const send = async (more: object, headers = {}) => {
      const body = JSON.stringify({ query: PAGE, variables: { n: 7 }, ...more });
      const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      return ((await (await fetch(`${world.url}/graphql`, options)).json()) as { extensions?: object }).extensions;
    };
    expect(await send({}, ASK)).toEqual({ cost });
    expect(await send({ extensions: { cost: true } })).toEqual({ cost });
    expect([
      await send({}),
      await send({ extensions: { cost: false } }),
      await send({}, { 'graphql-cost': '0' }),
    ]).toEqual([undefined, undefined, undefined]);
    const get = await fetch(`${world.url}/graphql?query={changesHead}&extensions={"cost":true}`);
    expect(await get.json()).toMatchObject({ extensions: { cost: { complexity: 1, maxComplexity: 100_000 } } });
  });

  it('is what the limit counts', async () => {
    await using world = await start({ flats: BUILDING });
    const complexity = (await costOf(world, PAGE, { n: 3 }))?.complexity as number;
    await using narrow = await start({ limits: { complexity } });
    expect((await narrow.gql(PAGE, { n: 3 })).errors).toBeUndefined();
    const refused = await narrow.gql(PAGE, { n: 4 }, ASK);
    expect(refused).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(await costOf(narrow, PAGE, { n: 4 })).toEqual({ complexity: complexity + ROW, maxComplexity: complexity });
  });

  it('counts each entry that first lets into a list without pages', async () => {
    await using world = await start();
    expect(await costOf(world, '{ keys(codePrefix: "A") { code } }')).toMatchObject({ complexity: 1 + 8 * 2 });
    const given = 'query ($first: Int!) { keys(codePrefix: "A", first: $first) { code } }';
    expect(await costOf(world, given, { first: 100 })).toMatchObject({ complexity: 1 + 100 * 2 });
    const counted =
      '{ silentIntercoms(first: 1) { silentFlats } intercoms(first: 2) { nodes { lineStatistics { flats } } } }';
    expect(await costOf(world, counted)).toMatchObject({ complexity: 5_000 + 1 + 1 + 10 + 1 + 2 * 12 });
  });

  it('stands beside the refusals and faults of an operation, and is the one of the operation that is named', async () => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.gql('query ($id: ID!) { node(id: $id) { id } }', { id: 'bad' }, ASK);
    expect(answer).toMatchObject({ data: { node: null }, extensions: { cost: { complexity: 2 } } });
    const two = 'query A { changesHead } query B { intercoms(first: 0) { nodes { title } } }';
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ASK },
      body: JSON.stringify({ query: two, operationName: 'B' }),
    });
    expect(await response.json()).toMatchObject({ extensions: { cost: { complexity: 11 } } });
    expect(await world.gql('{ nope }', {}, ASK)).not.toHaveProperty('extensions');
  });
});

it('the description of every list says how it counts', () => {
  const bare: string[] = [];
  let lists = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values((type as GraphQLObjectType).getFields())) {
      if (!isListType(getNullableType(field.type)) && !getNamedType(field.type).name.endsWith('Connection')) continue;
      lists++;
      if (!/\bcounts\b/i.test(field.description ?? '')) bare.push(`${type.name}.${field.name}`);
    }
  }
  expect([bare, lists > 15]).toEqual([[], true]);
});

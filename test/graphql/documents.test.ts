import { describe, expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';

const READ = 'query ($by: IntercomFlatBy!) { intercomFlat(by: $by) { flatId flat intercom { title } keys users } }';
const REFUSED = `mutation ($input: UpdateIntercomFlatInput!) {
  updateIntercomFlat(input: $input) {
    __typename
    ... on UserError { message }
    ... on ValidationError { fields { field code message } }
    ... on UpdateIntercomFlatSuccess { change { cursor } intercomFlat { ...Lines } }
  }
}
fragment Lines on IntercomFlat { properties { isAnalogLineAvailable } }`;
const LIST =
  'query ($first: Int, $flat: ID) { intercomFlats(first: $first, filter: { intercomId: $flat }) { totalCount } }';

describe('a document that comes again', () => {
  it.each([
    ['a flat', READ, { by: { flatId: 1 } }],
    ['no flat', READ, { by: { number: { intercomId: 1, flat: 99 } } }],
    ['a variable that is missing', READ, undefined],
    ['a variable of the wrong type', READ, { by: { flatId: 1.5 } }],
    ['a variable with an unknown field', READ, { by: { flatId: 1, nope: 1 } }],
    ['two of @oneOf', READ, { by: { flatId: 1, number: { intercomId: 1, flat: 10 } } }],
    ['none of @oneOf', READ, { by: {} }],
    ['null of @oneOf', READ, { by: { flatId: null } }],
    ['a name that can be none', READ, { by: { flatId: 'x' } }],
    [
      'a null of @oneOf in the document',
      'query ($id: ID) { intercomFlat(by: { flatId: $id }) { flatId } }',
      { id: null },
    ],
    ['nothing that has to change', REFUSED, { input: { flatId: 1 } }],
    ['a refusal', REFUSED, { input: { flat: 1, flatId: 1, isAnalogLineAvailable: null } }],
    ['a number that is no Int', REFUSED, { input: { intercomId: 1, flat: 2 ** 31 } }],
    ['an argument that cannot be read', LIST, { first: -1 }],
    ['a filter that cannot be read', LIST, { flat: 'x' }],
    ['directives, off', 'query ($on: Boolean!) { intercoms { totalCount @include(if: $on) } }', { on: false }],
    ['directives, on', 'query ($on: Boolean!) { intercoms { totalCount @skip(if: $on) __typename } }', { on: true }],
    ['a default of a variable', 'query ($first: Int = 1) { intercoms(first: $first) { edges { node { id } } } }', {}],
    [
      'two names of one field',
      '{ a: intercom(by: { intercomId: 1 }) { intercomId } b: intercom(by: { intercomId: 9 }) { intercomId } }',
      {},
    ],
    ['two mutations', 'mutation { a: deleteIntercom(input: {}) { __typename } b: createIntercom { id } }', {}],
    [
      'a default of a variable that must not be null',
      'query P($first: Int! = 2) { intercomFlats(first: $first) { edges { node { id } } } }',
      undefined,
    ],
    [
      'a directive by a default',
      'query K($keys: Boolean = true) { intercomFlat(by: { flatId: 1 }) { flat keys @include(if: $keys) { code } } }',
      {},
    ],
    [
      'a directive by null',
      'query K($keys: Boolean = true) { intercomFlat(by: { flatId: 1 }) { flat keys @include(if: $keys) { code } } }',
      { keys: null },
    ],
    ['an alias of a prototype', '{ __proto__: changesHead constructor: changesHead }', {}],
    [
      'a variable of a prototype',
      'query ($constructor: Int) { intercomFlats(first: $constructor) { totalCount } }',
      {},
    ],
    ['the schema', '{ __type(name: "Error") { kind possibleTypes { name } } }', {}],
  ])('gets the same answer: %s', async (_, query, variables) => {
    await using world = await start({ flats: BUILDING });
    const first = await world.gql(query, variables);
    for (let again = 0; again < 6; again++) expect(await world.gql(query, variables)).toEqual(first);
  });

  it('has an alias called __proto__ in its answer', async () => {
    await using world = await start({ flats: BUILDING });
    for (let again = 0; again < 6; again++) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ __proto__: intercomFlat(by: { flatId: 1 }) { flat } }' });
      const response = await fetch(`${world.url}/graphql`, { method: 'POST', headers, body });
      expect(await response.text()).toBe('{"data":{"__proto__":{"flat":10}}}');
    }
  });

  it('executes its mutations one after another, in their order', async () => {
    await using world = await start({ flats: BUILDING });
    const input = (isAnalogLineAvailable: boolean) =>
      `(input: { flatId: 1, isAnalogLineAvailable: ${isAnalogLineAvailable} })`;
    const success = '{ ... on UpdateIntercomFlatSuccess { intercomFlat { version } } }';
    const query = `mutation { a: updateIntercomFlat${input(false)} ${success} b: updateIntercomFlat${input(true)} ${success} }`;
    for (let call = 0; call < 6; call++) {
      expect(await world.gql(query)).toEqual({
        status: 200,
        data: {
          a: { intercomFlat: { version: 2 + 2 * call } },
          b: { intercomFlat: { version: 3 + 2 * call } },
        },
      });
    }
  });

  it('is executed by its name when it holds several operations', async () => {
    await using world = await start({ flats: BUILDING });
    const ask = async (operationName: string) => {
      const body = JSON.stringify({
        query: 'query A { intercoms { totalCount } } query B { changesHead }',
        operationName,
      });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${world.url}/graphql`, { method: 'POST', headers, body })).json();
    };
    for (let call = 0; call < 6; call++) {
      expect(await ask('A')).toEqual({ data: { intercoms: { totalCount: 2 } } });
      expect(await ask('B')).toEqual({ data: { changesHead: expect.any(String) } });
    }
  });
});

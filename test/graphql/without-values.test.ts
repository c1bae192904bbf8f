import { expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';

const SECRET = 'K-"4711" found: value: 5';
const LITERAL = JSON.stringify(SECRET);
const update = (input: string) => `mutation { updateIntercomFlat(input: ${input}) { __typename } }`;
const UPDATE = 'mutation ($input: UpdateIntercomFlatInput!) { updateIntercomFlat(input: $input) { __typename } }';
const CHANGES = 'query ($filter: ChangeFilter) { changes(filter: $filter) { totalCount } }';
const expected = (type: string) => `Expected value of type "${type}"`;
const invalid = (name: string, path: string, text: string) => `Variable "$${name}" has invalid value${path}: ${text}`;

const LITERALS: readonly (readonly [query: string, message: string])[] = [
  [update(`{ flat: ${LITERAL} }`), 'Int cannot represent non-integer value.'],
  [update('{ flat: 123456789012 }'), 'Int cannot represent non 32-bit signed integer value.'],
  [update('{ flatId: 1.5 }'), 'ID cannot represent a non-string and non-integer value.'],
  [update('{ flatId: 1, reason: 4711 }'), 'String cannot represent a non string value.'],
  [update(`{ flatId: 1, isAnalogLineAvailable: ${LITERAL} }`), 'Boolean cannot represent a non boolean value.'],
  [update(LITERAL), `${expected('UpdateIntercomFlatInput')} to be an object.`],
  [
    update('{ flatId: 1, flad: 4711 }'),
    `${expected('UpdateIntercomFlatInput')} not to include unknown field "flad". Did you mean "flat" or "flatId"?`,
  ],
  [
    '{ intercomFlats(sort: UPDATED_AT) { totalCount } }',
    'The value does not exist in "IntercomFlatSort" enum. Did you mean the enum value "UPDATED_AT_ASC" or "UPDATED_AT_DESC"?',
  ],
  [update('{ flatId: 1, nope: 4711 }'), `${expected('UpdateIntercomFlatInput')} not to include unknown field "nope".`],
  [
    '{ intercomFlat(by: { number: { flat: 4711 } }) { flatId } }',
    `${expected('FlatNumber')} to include required field "intercomId".`,
  ],
  [`{ intercomFlats(sort: ${LITERAL}) { totalCount } }`, 'Enum "IntercomFlatSort" cannot represent non-enum value.'],
  ['{ intercomFlats(sort: K4711) { totalCount } }', 'The value does not exist in "IntercomFlatSort" enum.'],
  [
    `{ changes(filter: { from: ${LITERAL} }) { totalCount } }`,
    'DateTime must be a real moment as RFC 3339 text with a time zone, like 2026-11-23T20:30:00Z',
  ],
  [`{ changes ${LITERAL} }`, 'Syntax Error: Expected Name, found String.'],
  [`{ changes("""${'4711'}""") }`, 'Syntax Error: Expected Name, found BlockString.'],
  ['{ changes(last: K 4711) }', 'Syntax Error: Expected Name, found Int.'],
  ['{ changes } K4711', 'Syntax Error: Unexpected Name.'],
  ['{ changes(actor: "\\u47k1") }', 'Syntax Error: Invalid Unicode escape sequence.'],
  ['{ changes(last: .4711) }', 'Syntax Error: Invalid number, expected digit before ".".'],
];

it.each(LITERALS)('%s is refused without its value', async (query, message) => {
  await using world = await start({ flats: BUILDING });
  for (const accept of ['application/json', '*/json']) {
    const answer = await world.gql(query, {}, { accept });
    expect(answer.errors.map((it: { message: string }) => it.message)).toEqual([message]);
  }
});

const VARIABLES: readonly (readonly [query: string, variables: object, message: string])[] = [
  [UPDATE, { input: { flat: SECRET } }, invalid('input', ' at .flat', 'Int cannot represent non-integer value.')],
  [UPDATE, { input: { flatId: { SECRET } } }, invalid('input', ' at .flatId', 'ID cannot represent value.')],
  [UPDATE, { input: SECRET }, invalid('input', '', `${expected('UpdateIntercomFlatInput')} to be an object.`)],
  [
    UPDATE,
    { input: { flatId: 1, nope: SECRET } },
    invalid('input', '', `${expected('UpdateIntercomFlatInput')} not to include unknown field "nope".`),
  ],
  [
    UPDATE,
    { input: { flatId: 1, [SECRET]: 1 } },
    invalid('input', '', `${expected('UpdateIntercomFlatInput')} not to include unknown field.`),
  ],
  [
    CHANGES,
    { filter: { channel: SECRET } },
    invalid('filter', ' at .channel', 'The value does not exist in "Channel" enum.'),
  ],
  [
    CHANGES,
    { filter: { channel: [SECRET] } },
    invalid('filter', ' at .channel', 'Enum "Channel" cannot represent non-string value.'),
  ],
];

it.each(VARIABLES)('%s with the variables %j is refused without its value', async (query, variables, message) => {
  await using world = await start({ flats: BUILDING });
  for (const accept of ['application/json', '*/json']) {
    // From the fifth time on it is compiled.
    for (let i = 0; i < 6; i++) {
      const answer = await world.gql(query, variables, { accept });
      expect(answer.errors.map((it: { message: string }) => it.message)).toEqual([message]);
    }
  }
});

it.each([
  ['not_known', 'Unexpected parameter "not_known" in the request body.'],
  [SECRET, 'Unexpected parameter in the request body.'],
])('a parameter %j of the request is quoted if it is a name', async (name, message) => {
  await using world = await start();
  const answer = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ changesHead }', [name]: 1 }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] },
  ]);
});

it('a list of bad values, however long, is told in short', async () => {
  await using world = await start();
  const query =
    'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
  for (let i = 0; i < 6; i++) {
    const answer = await world.gql(query, { updates: Array(49_000).fill(0) });
    expect(answer.errors).toHaveLength(11);
  }
});

it.each(['unknown field "', 'Value "', 'cannot represent a value', ' Did you mean "a"'])(
  'a text of two million characters that are all like %j is refused as quickly as another',
  async (what) => {
    await using world = await start({ flats: BUILDING, introspection: false });
    const long = what.repeat(2_000_000 / what.length);
    const short = long.slice(0, 40_000);
    const literals = [`"""${short} """`, JSON.stringify(short)].map((it) => world.gql(update(`{ flat: ${it} }`)));
    const variable = world.gql(UPDATE, { input: { flat: long } });
    const field = world.gql(UPDATE, { input: { flatId: 1, [long.slice(0, 256)]: long } });
    const sentence = 'Int cannot represent non-integer value.';
    const messages = (await Promise.all([...literals, variable, field])).map((it) => it.errors[0].message);
    expect(messages).toEqual([
      ...[sentence, sentence, invalid('input', ' at .flat', sentence)],
      expect.stringMatching(/^Variable "\$input" has invalid value/),
    ]);
  },
);

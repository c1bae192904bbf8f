import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MAX_UPDATES } from '../../src/operations/update-flat.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const LISTS =
  'intercoms(first: $n) { edges { node { flats(first: $n) { edges { node { changes(first: $n) { edges { node { cursor } } } } } } } } }';
const nested = (rows: number) => `{ ${LISTS.replaceAll('$n', String(rows))} }`;
const BY_VARIABLE = `query ($n: Int) { ${LISTS} }`;
const FIELDS = '{ changesHead }';
const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: changesHead`).join(' ')} }`;
/** Twelve fields within each other, and what stands in the last but one. */
const deep = (more: string) =>
  `{ intercomFlats { edges { node { ${'changes(first: 1) { edges { node { ... on FlatChange { intercomFlat { '.repeat(2)} ${more} ${'} '.repeat(10)} } } } }`;
const refusal = (message: string) => ({ errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED' } }] });
const tooMuch = (complexity: string) =>
  refusal(
    `The document asks for too much at once: up to ${complexity} fields in the answer, at most 100000. Ask for smaller pages or fewer fields.`,
  );
const TOO_DEEP = refusal('The document is too deep: at most 15 fields within each other.');
const TOO_MANY_ALIASES = refusal('The document has too many aliases and repeated fields: at most 50.');
const TOO_MANY_DIRECTIVES = refusal('The document has too many directives: at most 50, and 4 in one place.');

/** The ways by which a document comes, each with the answer's status and body. */
const LANES: Record<string, (world: World, query: string, variables?: object) => Promise<Response>> = {
  'as a plain POST': (world, query, variables) =>
    fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    }),
  'as a POST that accepts the newer media type': (world, query, variables) =>
    fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    }),
  'as a GET': (world, query, variables = {}) =>
    fetch(
      `${world.url}/graphql?query=${encodeURIComponent(query)}&variables=${encodeURIComponent(JSON.stringify(variables))}`,
    ),
};

describe('a document, whichever way it comes,', () => {
  it.each([
    ['pages within pages within pages', nested(500), {}, tooMuch('253006011')],
    ['pages as large as a variable says', BY_VARIABLE, { n: 500 }, tooMuch('253006011')],
    ['pages of the default size, when the variable is not sent', BY_VARIABLE, {}, tooMuch('280611')],
    ['counts of all there is, again and again', `{ ${'lineStatistics { flats } '.repeat(21)} }`, {}, tooMuch('105042')],
    [
      'counts of lists, again and again',
      `{ ${'... { ...Count } '.repeat(21)} } fragment Count on Query { intercomFlats { totalCount } }`,
      {},
      tooMuch('105231'),
    ],
    [
      'too deep a nest',
      deep('changes(first: 1) { edges { node { ... on LinesChange { after { isAnalogLineAvailable } } } } }'),
      {},
      TOO_DEEP,
    ],
    ['too many aliases', aliases(51), {}, TOO_MANY_ALIASES],
    [
      'too many repeats in a fragment of no use',
      `{ changesHead } fragment F on Query { ${'changesHead '.repeat(52)} }`,
      {},
      TOO_MANY_ALIASES,
    ],
    ['too many directives', `{ ${'intercoms { totalCount @skip(if: true) } '.repeat(51)} }`, {}, TOO_MANY_DIRECTIVES],
    ['directives heaped on one field', `{ changesHead ${'@skip(if: false) '.repeat(5)} }`, {}, TOO_MANY_DIRECTIVES],
  ])('is refused for %s', async (_, query, variables, expected) => {
    await using world = await start({ flats: BUILDING });
    for (const send of [...Object.values(LANES), ...Object.values(LANES)]) {
      const response = await send(world, query, variables);
      expect([response.status, await response.json()]).toEqual([400, expected]);
    }
    expect(world.faults).toEqual([]);
  });

  it.each([
    ['pages within pages of a few rows', nested(2), {}],
    ['pages that a variable keeps small', BY_VARIABLE, { n: 2 }],
    ['a count for each row', '{ intercoms(first: 500) { totalCount edges { node { flats { totalCount } } } } }', {}],
    ['as many aliases as there may be', aliases(50), {}],
    ['as deep a nest as there may be', deep('changes(first: 1) { edges { node { cursor } } }'), {}],
  ])('is answered for %s', async (_, query, variables) => {
    await using world = await start({ flats: BUILDING });
    for (const send of Object.values(LANES)) {
      const response = await send(world, query, variables);
      expect([response.status, Object.keys((await response.json()) as object)]).toEqual([200, ['data']]);
    }
  });
});

describe('the limits of documents', () => {
  it('hold for a subscription', async () => {
    await using world = await start({ flats: BUILDING });
    const response = await LANES['as a plain POST']?.(
      world,
      `subscription { intercomFlatChanged { ${'... { ...F } '.repeat(60)} } } fragment F on Change { a: cursor }`,
    );
    expect([response?.status, await response?.json()]).toEqual([400, TOO_MANY_ALIASES]);
    const byVariable = `subscription ($n: Int) { intercomFlatChanged { intercomFlat { intercom { flats(first: $n) { edges { node { changes(first: $n) { edges { node { id: cursor } } } } } } } } } }`;
    const stream = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: byVariable, variables: { n: 500 } }),
    });
    expect(await stream.text()).toContain('"code":"LIMIT_EXCEEDED"');
  });

  it('see through fragments, however these are nested', async () => {
    await using world = await start({ flats: BUILDING });
    const doubling = Array.from({ length: 190 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    const { status, errors } = await world.gql(
      `{ ...F0 } ${doubling.join(' ')} fragment F190 on Query { changesHead }`,
    );
    expect([status, errors[0].extensions.code]).toEqual([400, 'LIMIT_EXCEEDED']);

    const paged = await world.gql(`{ intercoms(first: 500) { ...Rows } }
      fragment Rows on IntercomConnection { ... on IntercomConnection { edges { ...Row } } }
      fragment Row on IntercomEdge { node { flats(first: 500) { edges { node { id } } } } }`);
    expect(paged).toEqual({ status: 400, ...tooMuch('506011') });

    const circular = await world.gql('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A changesHead }');
    expect(circular.errors[0]).toMatchObject({ message: 'Cannot spread fragment "A" within itself via "B".' });
  });

  it('let a page of 500 flats pass with all that belongs to them', async () => {
    await using world = await start({ flats: BUILDING });
    const { status, data } = await world.gql(
      `query ($first: Int!) {
      intercomFlats(first: $first) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node {
          flatId flat intercomId keyCount usersCount version updatedAt
          properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }
          intercom { intercomId title externalId flatFrom flatTo flatCount }
          keys { code }
          users { login }
          changes(last: 1) { edges { node { actor changedAt reason } } }
        } }
      }
    }`,
      { first: 500 },
    );
    expect([status, data.intercomFlats.totalCount]).toEqual([200, 3]);
  });

  it('let as many updates pass as there may be, but not with as many pages', async () => {
    await using world = await start({ flats: BUILDING });
    const updates = Array.from({ length: MAX_UPDATES }, () => ({ flatId: 1, isAnalogLineAvailable: false }));
    const mutation = (more: string) => `mutation ($updates: [UpdateIntercomFlatInput!]!) {
      updateIntercomFlats(updates: $updates) {
        __typename
        ... on UpdateIntercomFlatSuccess {
          intercomFlat { flatId flat intercomId keyCount usersCount version updatedAt properties { isAnalogLineAvailable } ${more} }
          change { cursor changedAt actor channel reason before { isAnalogLineAvailable } after { isAnalogLineAvailable } }
        }
        ... on UserError { message }
      }
    }`;
    expect(await world.gql(mutation('changes(first: 500) { edges { cursor } }'), { updates })).toEqual({
      status: 400,
      ...tooMuch('539001'),
    });
    const { data } = await world.gql(mutation('keys { code } users { login }'), { updates });
    expect(data.updateIntercomFlats).toHaveLength(MAX_UPDATES);
  });

  it('let the question pass that tools ask about the schema, when it is on', async () => {
    await using world = await start();
    const everything = getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    expect((await world.gql(everything)).data.__schema.types.length).toBeGreaterThan(50);
  });

  it('are what the operator says', async () => {
    const limits = {
      tokens: 50,
      depth: 3,
      aliases: 1,
      directives: 0,
      complexity: 100,
      restBody: 2_000,
      graphqlBody: 2_000,
    };
    await using world = await start({ flats: BUILDING, limits });
    const messageOf = async (query: string) => (await world.gql(query)).errors?.[0].message;
    expect(await messageOf(aliases(20))).toBe('The document is too large: at most 50 tokens.');
    expect(await messageOf(aliases(2))).toBe('The document has too many aliases and repeated fields: at most 1.');
    expect(await messageOf('{ intercoms { edges { node { id } } } }')).toBe(
      'The document is too deep: at most 3 fields within each other.',
    );
    expect(await messageOf('{ changesHead @skip(if: true) }')).toBe(
      'The document has too many directives: at most 0, and 4 in one place.',
    );
    expect(await messageOf('{ intercoms(first: 100) { edges { cursor } } }')).toContain('at most 100.');
    expect(await messageOf(FIELDS)).toBeUndefined();
    expect(await messageOf(FIELDS.padEnd(2_000))).toBe('The body is too large: at most 2000 bytes.');
    expect((await world.patch({ flat_id: 1, x: 'x'.repeat(2_000) })).body).toEqual({
      message: 'The body is too large: at most 2000 bytes.',
    });
  });
});

describe('without introspection', () => {
  const HINTS = [
    ['a field', '{ changesHeat }', {}],
    ['a selection', '{ lineStatistics }', {}],
    ['an argument', '{ intercoms(frist: 1) { totalCount } }', {}],
    ['a type', '{ changesHead ... on Querry { changesHead } }', {}],
    ['a field of a literal', '{ intercomFlat(by: { flatI: 1 }) { flatId } }', {}],
    ['an enum value', '{ intercoms(sort: ID_ASK) { totalCount } }', {}],
    ['an enum value by variable', 'query ($s: IntercomSort) { intercoms(sort: $s) { totalCount } }', { s: 'ID_ASK' }],
    ['a field by variable', 'query ($b: IntercomFlatBy!) { intercomFlat(by: $b) { flatId } }', { b: { flatI: 1 } }],
  ] as const;

  it('no message guesses at names, whichever way the document comes', async () => {
    await using world = await start({ introspection: false });
    for (const [, query, variables] of HINTS) {
      for (const send of Object.values(LANES)) {
        const text = await (await send(world, query, variables)).text();
        expect(text).toContain('"errors"');
        expect(text).not.toMatch(/did you mean/i);
      }
    }
  });

  it('no message about a variable of a subscription guesses at its fields', async () => {
    await using world = await start({ introspection: false });
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({
        query:
          'subscription ($s: IntercomFlatSort) { intercomFlatChanged { intercomFlat { intercom { flats(sort: $s) { totalCount } } } } }',
        variables: { s: 'INTERCOM_AND_FLAT_ASK' },
      }),
    });
    const text = await response.text();
    expect(text).toContain('"errors"');
    expect(text).not.toMatch(/did you mean/i);
  });

  it('and only then', async () => {
    await using world = await start();
    const guessed: string[] = [];
    for (const [what, query, variables] of HINTS) {
      const { errors } = await world.gql(query, variables);
      if (/did you mean/i.test(JSON.stringify(errors))) guessed.push(what);
    }
    expect(guessed).toEqual(HINTS.map(([what]) => what));
  });
});

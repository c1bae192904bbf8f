import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const OFF = 'isAnalogLineAvailable: false';
const SET = `mutation ($input: UpdateIntercomFlatInput!) { updateIntercomFlat(input: $input) {
  ... on UpdateIntercomFlatSuccess { intercomFlat { id flatId } change { id cursor } changeEdge { cursor node { id } } }
  ... on ValidationError { fields { field path code message } } } }`;
const NODE = `query ($id: ID!) { node(id: $id) { __typename id
  ... on Intercom { intercomId title } ... on IntercomFlat { flatId flat } ... on LinesChange { cursor flat after { ${OFF.split(':')[0]} } }
  ... on Key { code } ... on User { login } } }`;
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

const idOf = (text: string) => Buffer.from(text).toString('base64url');
const INTERCOM = idOf('Intercom:1');
const FLAT = idOf('IntercomFlat:1');

/** The change of a world's first update. */
async function change(world: World, input: object = { flatId: 1, isAnalogLineAvailable: false }) {
  return (await world.gql(SET, { input })).data.updateIntercomFlat;
}

describe('the id of a record', () => {
  it('is unique across types, and reads the record again', async () => {
    await using world = await start({ flats: BUILDING });
    const made = await change(world);
    const { data } = await world.gql(`{ intercom(by: { intercomId: 1 }) { id }
      intercomFlat(by: { flatId: 1 }) { id keys { id } users { id } changes { nodes { id } } } }`);
    const { intercom, intercomFlat } = data;
    const ids = [intercom.id, intercomFlat.id, made.change.id, ...intercomFlat.keys.map((it: { id: string }) => it.id)];
    ids.push(intercomFlat.users[0].id);
    expect(new Set(ids).size).toBe(6);
    expect(made.intercomFlat.id).toBe(intercomFlat.id);
    expect([made.changeEdge, intercomFlat.changes.nodes]).toEqual([
      { cursor: made.change.cursor, node: { id: made.change.id } },
      [{ id: made.change.id }],
    ]);
    const read = await Promise.all(ids.map(async (id) => (await world.gql(NODE, { id })).data.node));
    expect(read).toEqual([
      { __typename: 'Intercom', id: ids[0], intercomId: '1', title: 'Intercom 1' },
      { __typename: 'IntercomFlat', id: ids[1], flatId: '1', flat: 10 },
      {
        ...{ __typename: 'LinesChange', id: ids[2], cursor: made.change.cursor, flat: 10 },
        after: { isAnalogLineAvailable: false },
      },
      { __typename: 'Key', id: ids[3], code: 'A1' },
      { __typename: 'Key', id: ids[4], code: 'A2' },
      { __typename: 'User', id: ids[5], login: 'anna' },
    ]);
    expect((await world.gql(NODES, { ids: [...ids, ids[0]] })).data.nodes).toEqual(
      [...read, read[0]].map(({ __typename, id }) => ({ __typename, id })),
    );
  });

  it('is the one of the feed, too', async () => {
    await using world = await start({ flats: BUILDING });
    const stream = await subscribe(world.url, 'subscription { intercomFlatChanged { id } }');
    const made = await change(world);
    expect(await take(stream, 1)).toMatchObject([{ data: { intercomFlatChanged: { id: made.change.id } } }]);
    stream.close();
  });

  it('names nothing once the record is gone: null', async () => {
    await using world = await start({ flats: BUILDING });
    const made = await change(world);
    await change(world, { flatId: 2, isAnalogLineAvailable: false });
    const { data } = await world.gql('{ intercomFlat(by: { flatId: 1 }) { keys { id } users { id } } }');
    await world.gql(`mutation {
      a: detachKeys(input: { flatId: 1, keys: ["A1"] }) { __typename }
      b: detachUsers(input: { flatId: 1, users: ["anna"] }) { __typename }
      c: deleteIntercom(input: { intercomId: 2, force: true }) { ... on DeleteIntercomSuccess { intercom { id } } }
    }`);
    await world.store.prune(1, 10);
    const [key, otherKey] = data.intercomFlat.keys;
    const otherLog = idOf(`Change:0000000000000000.1`);
    const ids = [key.id, otherKey.id, data.intercomFlat.users[0].id, idOf('Intercom:2'), idOf('IntercomFlat:3')];
    ids.push(made.change.id, otherLog, idOf('Intercom:9007199254740991'), idOf('Key:\u0000'), idOf('User:нет'));
    const answer = await world.gql(NODES, { ids });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.nodes.map((it: object | null) => it !== null)).toEqual(ids.map((_, i) => i === 1));
  });

  it('survives any text in a key or a login', async () => {
    const keys = ['Ключ:1', '=', 'a'.repeat(64), '\u{1f511}'.repeat(64)];
    await using world = await start({
      flats: [{ intercomId: 1, flat: 1, lines: {}, keys, users: ['\u{1f600}'.repeat(100)] }],
    });
    const { data } = await world.gql('{ intercomFlat(by: { flatId: 1 }) { keys { id code } users { id login } } }');
    const { keys: given, users } = data.intercomFlat;
    const ids = [...given, ...users].map(({ id }) => id);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Key { code } ... on User { login } } }';
    expect((await world.gql(query, { ids })).data.nodes).toEqual([...given, ...users]);
  });
});

describe('with ids of every kind', () => {
  let world: World;
  beforeAll(async () => {
    world = await start({ flats: BUILDING });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const NOT_IDS = [
    '',
    '1',
    'x',
    FLAT.toLowerCase(),
    `${FLAT}=`,
    ` ${FLAT}`,
    idOf('IntercomFlat:01'),
    idOf('IntercomFlat:0'),
  ];
  NOT_IDS.push(
    idOf('IntercomFlat:x'),
    idOf('IntercomFlat:'),
    idOf('Door:1'),
    idOf('Change:1'),
    idOf('Change:g.1'),
    'a'.repeat(2_000),
  );

  it.each(NOT_IDS)('node refuses %j', async (id) => {
    const { data, errors } = await world.gql(NODE, { id });
    expect([data, errors.length, errors[0].message, errors[0].extensions.code]).toEqual([
      { node: null },
      1,
      'id is not a global id: send the `id` of an answer, not a record id.',
      'BAD_USER_INPUT',
    ]);
  });

  it('nodes has an error of its own for each that is not an id, and answers the others', async () => {
    const { data, errors } = await world.gql(NODES, { ids: [FLAT, '1', INTERCOM] });
    expect(data.nodes).toEqual([
      { __typename: 'IntercomFlat', id: FLAT },
      null,
      { __typename: 'Intercom', id: INTERCOM },
    ]);
    expect(errors).toMatchObject([{ path: ['nodes', 1], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('nodes takes 500 ids and refuses 501', async () => {
    expect((await world.gql(NODES, { ids: Array(500).fill(FLAT) })).data.nodes.length).toBe(500);
    const { data, errors } = await world.gql(NODES, { ids: Array(501).fill(FLAT) });
    expect([data, errors[0].message, errors[0].extensions.code]).toEqual([
      null,
      'Too many ids in one call: at most 500.',
      'LIMIT_EXCEEDED',
    ]);
  });

  it('inputs named flatId and intercomId take a global id like the record id', async () => {
    const { data } = await world.gql(
      `query ($flat: ID!, $intercom: ID!) {
        a: intercomFlat(by: { flatId: $flat }) { flatId }
        b: intercomFlat(by: { number: { intercomId: $intercom, flat: 11 } }) { flatId }
        c: intercom(by: { intercomId: $intercom }) { intercomId }
        d: intercoms(filter: { intercomId: $intercom }) { totalCount }
        e: intercomFlats(filter: { intercomId: $intercom, flatIds: [$flat, 2] }) { nodes { flatId } }
        f: changes(filter: { intercomId: $intercom, flatId: $flat }) { totalCount }
        g: lineStatistics(intercomId: $intercom) { flats }
      }`,
      { flat: FLAT, intercom: INTERCOM },
    );
    expect(data).toEqual({
      ...{ a: { flatId: '1' }, b: { flatId: '2' }, c: { intercomId: '1' }, d: { totalCount: 1 } },
      ...{ e: { nodes: [{ flatId: '1' }, { flatId: '2' }] }, f: { totalCount: 0 }, g: { flats: 2 } },
    });
    const written = await world.gql(
      `mutation ($flat: ID!, $intercom: ID!) {
        a: updateIntercomFlat(input: { flatId: $flat, intercomId: $intercom }) { __typename }
        b: attachKeys(input: { flatId: $flat, intercomId: $intercom, keys: ["A1"] }) { __typename }
        c: updateIntercom(input: { intercomId: $intercom }) { __typename }
        d: updateIntercomFlatsWhere(input: { filter: { flatIds: [$flat, 3] }, ${OFF}, dryRun: true }) {
          ... on UpdateIntercomFlatsWhereSuccess { matched changed } }
      }`,
      { flat: FLAT, intercom: INTERCOM },
    );
    expect(written.data).toEqual({
      a: { __typename: 'UpdateIntercomFlatSuccess' },
      b: { __typename: 'AttachKeysSuccess' },
      c: { __typename: 'UpdateIntercomSuccess' },
      d: { matched: 2, changed: 2 },
    });
  });

  const QUERIES: readonly [string, string][] = [
    ['flatId', 'intercomFlat(by: { flatId: $other }) { flat }'],
    ['intercomId', 'intercomFlat(by: { number: { intercomId: $other, flat: 11 } }) { flat }'],
    ['intercomId', 'intercom(by: { intercomId: $other }) { title }'],
    ['intercomId', 'intercoms(filter: { intercomId: $other }) { totalCount }'],
    ['intercomId', 'intercomFlats(filter: { intercomId: $other }) { totalCount }'],
    ['flatIds[1]', 'intercomFlats(filter: { flatIds: [1, $other] }) { totalCount }'],
    ['intercomId', 'changes(filter: { intercomId: $other }) { totalCount }'],
    ['flatId', 'changes(filter: { flatId: $other }) { totalCount }'],
    ['intercomId', 'lineStatistics(intercomId: $other) { flats }'],
  ];
  it.each(QUERIES)('refuses the id of another type as %s of %s', async (field, query) => {
    const { errors } = await world.gql(`query ($other: ID!) { ${query} }`, { other: idOf('User:anna') });
    const wanted = field === 'intercomId' ? 'an intercom' : 'a flat';
    expect(errors.map((it: { message: string; extensions: object }) => [it.message, it.extensions])).toEqual([
      [`${field} is the id of another type of record: send the id of ${wanted}.`, { code: 'WRONG_ID_TYPE' }],
    ]);
  });

  it('refuses the id of another type in the mutations and the feed, as data and as an error', async () => {
    const made = await change(world, { flatId: INTERCOM, intercomId: FLAT, ...{ isAnalogLineAvailable: null } });
    expect(made.fields.map(({ field, path, code }: Record<string, unknown>) => [field, path, code])).toEqual([
      ['intercomId', ['intercomId'], 'WRONG_ID_TYPE'],
      ['flatId', ['flatId'], 'WRONG_ID_TYPE'],
      ['isAnalogLineAvailable', ['isAnalogLineAvailable'], 'INVALID_BOOLEAN'],
    ]);
    const { data } = await world.gql(`mutation {
      a: updateIntercomFlatsWhere(input: { filter: { flatIds: [1, "${INTERCOM}"] }, ${OFF} }) { ...E }
      b: updateIntercomFlatsWhere(input: { filter: { flatIds: [] }, ${OFF} }) { ...E }
      c: attachKeys(input: { flatId: 1, keys: ["A", ""] }) { ...E }
      d: deleteIntercom(input: { intercomId: "${FLAT}" }) { ...E }
    } fragment E on ValidationError { fields { field path code } }`);
    expect(data).toEqual({
      a: { fields: [{ field: 'filter.flatIds[1]', path: ['filter', 'flatIds', '1'], code: 'WRONG_ID_TYPE' }] },
      b: { fields: [{ field: 'filter.flatIds', path: ['filter', 'flatIds'], code: 'EMPTY_CONDITION' }] },
      c: { fields: [{ field: 'keys[1]', path: ['keys', '1'], code: 'INVALID_TEXT' }] },
      d: { fields: [{ field: 'intercomId', path: ['intercomId'], code: 'WRONG_ID_TYPE' }] },
    });
    const stream = await subscribe(world.url, `subscription { intercomFlatChanged(flatId: "${INTERCOM}") { flat } }`);
    expect(await take(stream, 1)).toMatchObject([{ errors: [{ extensions: { code: 'WRONG_ID_TYPE' } }] }]);
    stream.close();
  });

  it('takes a global id where a dashboard follows one flat', async () => {
    const stream = await subscribe(
      world.url,
      `subscription { intercomFlatChanged(flatId: "${idOf('IntercomFlat:2')}") { flatId } }`,
    );
    await change(world, { flatId: 1, isLandlineSipLineAvailable: false });
    await change(world, { flatId: 2, isSmartphoneSipLineAvailable: false });
    expect(await take(stream, 1)).toMatchObject([{ data: { intercomFlatChanged: { flatId: '2' } } }]);
    stream.close();
  });

  it('gives a new intercom as an edge of the list in any order', async () => {
    const { data } = await world.gql(`mutation { createIntercom(input: { title: "Zed", flatFrom: 1, flatTo: 1 }) {
      ... on CreateIntercomSuccess { intercom { id } byId: intercomEdge { cursor node { id } }
        byTitle: intercomEdge(sort: TITLE_DESC) { cursor } } } }`);
    const { intercom, byId, byTitle } = data.createIntercom;
    expect(byId.node).toEqual(intercom);
    const lists = await world.gql(
      `query ($byId: String, $byTitle: String) {
        byId: intercoms(before: $byId, last: 1) { nodes { title } } byTitle: intercoms(after: $byTitle, first: 1, sort: TITLE_DESC) { nodes { title } } }`,
      { byId: byId.cursor, byTitle: byTitle.cursor },
    );
    expect(lists.data).toEqual({
      byId: { nodes: [{ title: 'Intercom 2' }] },
      byTitle: { nodes: [{ title: 'Intercom 2' }] },
    });
  });
});

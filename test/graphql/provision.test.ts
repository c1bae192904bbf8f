import { describe, expect, it } from 'vitest';
import { BUILDING, STORE, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

const ERRORS = `... on UserError { message }
  ... on ValidationError { fields { field code message } }`;
const INTERCOM = 'intercom { intercomId title externalId flatFrom flatTo flatCount }';
const IN_USE = '... on FlatsInUse { count flats { flatId flat keyCount usersCount keys { code } users { login } } }';

const CREATE = `mutation ($input: CreateIntercomInput!) { result: createIntercom(input: $input) {
  __typename ... on CreateIntercomSuccess { ${INTERCOM} flatsAdded } ${ERRORS}
} }`;
const UPDATE = `mutation ($input: UpdateIntercomInput!) { result: updateIntercom(input: $input) {
  __typename ... on UpdateIntercomSuccess { ${INTERCOM} flatsAdded flatsRemoved } ${ERRORS} ${IN_USE}
} }`;
const DELETE = `mutation ($input: DeleteIntercomInput!) { result: deleteIntercom(input: $input) {
  __typename ... on DeleteIntercomSuccess { ${INTERCOM} flatsRemoved } ${ERRORS} ${IN_USE}
} }`;

/** The one result of a mutation, which has neither errors nor another status. */
async function send(world: World, query: string, input: object, headers?: Record<string, string>) {
  const { status, data, errors } = await world.gql(query, { input }, headers);
  expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  return data.result;
}

const refused = (field: string, code: string, message: string) => ({
  __typename: 'ValidationError',
  message,
  fields: [{ field, code, message }],
});

const garden = { title: 'Garden street 7', externalId: 'g-7', flatFrom: 1, flatTo: 60 };

describe('createIntercom', () => {
  it('makes an intercom with a flat for each number of its range', async () => {
    await using world = await start();
    expect(await send(world, CREATE, garden)).toEqual({
      __typename: 'CreateIntercomSuccess',
      intercom: { intercomId: '1', ...garden, flatCount: 60 },
      flatsAdded: 60,
    });
    const read = await world.gql(`{
      intercom(by: { externalId: "g-7" }) { intercomId flats(last: 1) { totalCount edges { node {
        flatId flat intercomId keyCount usersCount version updatedAt
        properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }
      } } } }
      changes { totalCount }
    }`);
    expect(read.data).toEqual({
      intercom: {
        intercomId: '1',
        flats: {
          totalCount: 60,
          edges: [
            {
              node: {
                ...{ flatId: '60', flat: 60, intercomId: '1', keyCount: 0, usersCount: 0, version: 1 },
                updatedAt: '2026-11-23T12:00:00.000Z',
                properties: {
                  ...{ isSmartphoneSipLineAvailable: true, isLandlineSipLineAvailable: true },
                  isAnalogLineAvailable: true,
                },
              },
            },
          ],
        },
      },
      changes: { totalCount: 0 },
    });
  });

  it('gives its flats the lines that are sent, and takes null for left out where nothing has to be', async () => {
    await using world = await start();
    const lines = { isAnalogLineAvailable: false };
    await send(world, CREATE, { ...garden, externalId: null, flatTo: 2, lines });
    await send(world, CREATE, { ...garden, flatTo: 3, lines: null });
    expect((await world.gql('{ lineStatistics { lines { line available unavailable } } }')).data).toEqual({
      lineStatistics: {
        lines: [
          { line: 'SMARTPHONE_SIP', available: 5, unavailable: 0 },
          { line: 'LANDLINE_SIP', available: 5, unavailable: 0 },
          { line: 'ANALOG', available: 3, unavailable: 2 },
        ],
      },
    });
  });

  it('tells all that is wrong with the shape at once, and makes nothing', async () => {
    await using world = await start();
    const input = {
      ...{ title: ' ', externalId: 'x'.repeat(101), flatFrom: 2, flatTo: 1 },
      lines: { isAnalogLineAvailable: null },
    };
    expect(await send(world, CREATE, input)).toEqual({
      __typename: 'ValidationError',
      message: 'title must not be empty, and must not hold control characters or U+FFFD. (and 3 more errors)',
      fields: [
        {
          ...{ field: 'title', code: 'INVALID_TEXT' },
          message: 'title must not be empty, and must not hold control characters or U+FFFD.',
        },
        { field: 'externalId', code: 'TOO_LONG', message: 'externalId is too long: at most 100 characters.' },
        { field: 'flatTo', code: 'INVALID_RANGE', message: 'flatTo must not be less than flatFrom.' },
        {
          ...{ field: 'isAnalogLineAvailable', code: 'INVALID_BOOLEAN' },
          message: 'isAnalogLineAvailable must be true or false.',
        },
      ],
    });
    expect(await world.rows('select * from intercoms')).toEqual([]);
  });

  it('makes 10,000 flats in one call, and refuses one more', async () => {
    await using world = await start();
    expect(await send(world, CREATE, { ...garden, flatTo: 10_001 })).toEqual(
      refused('flatTo', 'TOO_MANY', 'flatTo makes the range too large: at most 10000 flats.'),
    );
    expect(await send(world, CREATE, { ...garden, flatTo: 10_000 })).toMatchObject({ flatsAdded: 10_000 });
    expect(await world.rows('select count(*) n, min(flat) a, max(flat) b from flats')).toEqual([
      { n: 10_000, a: 1, b: 10_000 },
    ]);
  });

  it('lets one of many that ask for the same external id at once have it', async () => {
    await using world = await start();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => send(world, CREATE, { ...garden, flatTo: 3_000 })),
    );
    const taken = refused('externalId', 'TAKEN', 'Another intercom already has this externalId.');
    const [made, ...others] = results.sort((a, b) => a.__typename.localeCompare(b.__typename));
    expect(made).toMatchObject({ __typename: 'CreateIntercomSuccess', flatsAdded: 3_000 });
    expect(others).toEqual(others.map(() => taken));
    // What the others had begun is deleted after they were answered.
    if (STORE === 'sqlite') await until(async () => (await world.rows('select * from hidden_flats')).length === 0);
    expect(await world.rows('select count(*) n from flats')).toEqual([{ n: 3_000 }]);
  });

  it('speaks Russian to those who prefer it', async () => {
    await using world = await start();
    await send(world, CREATE, garden);
    expect(await send(world, CREATE, garden, { 'accept-language': 'ru' })).toEqual(
      refused('externalId', 'TAKEN', 'Такой externalId уже есть у другого домофона.'),
    );
  });
});

describe('updateIntercom', () => {
  it('changes what is sent, under the id or the external id', async () => {
    await using world = await start();
    await send(world, CREATE, garden);
    const answer = (intercom: object, flatsAdded: number, flatsRemoved: number) => ({
      ...{ __typename: 'UpdateIntercomSuccess', flatsAdded, flatsRemoved },
      intercom: { intercomId: '1', ...garden, ...intercom },
    });
    expect(await send(world, UPDATE, { intercomId: '1' })).toEqual(answer({ flatCount: 60 }, 0, 0));
    expect(await send(world, UPDATE, { externalId: 'g-7', title: ' Tower ', newExternalId: 't-1' })).toEqual(
      answer({ title: 'Tower', externalId: 't-1', flatCount: 60 }, 0, 0),
    );
    expect(
      await send(world, UPDATE, { externalId: 't-1', flatTo: 62, lines: { isAnalogLineAvailable: false } }),
    ).toEqual(answer({ title: 'Tower', externalId: 't-1', flatTo: 62, flatCount: 62 }, 2, 0));
    expect(await send(world, UPDATE, { intercomId: 1, newExternalId: null, flatFrom: 61, flatTo: 70 })).toEqual(
      answer({ title: 'Tower', externalId: null, flatFrom: 61, flatTo: 70, flatCount: 10 }, 8, 60),
    );
    expect(await world.rows('select flat from flats where not analog')).toEqual([{ flat: 61 }, { flat: 62 }]);
  });

  it('refuses to delete flats that are in use, tells which they are, and does it when it is forced', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { intercomId: 1, title: 'New', flatFrom: 11 };
    expect(await send(world, UPDATE, input)).toEqual({
      __typename: 'FlatsInUse',
      message: 'Flats that would be deleted still have keys or users: 1. Send force: true to delete them anyway.',
      count: 1,
      flats: [
        {
          ...{ flatId: '1', flat: 10, keyCount: 2, usersCount: 1 },
          keys: [{ code: 'A1' }, { code: 'A2' }],
          users: [{ login: 'anna' }],
        },
      ],
    });
    expect(await world.rows('select title, flat_from, flat_to from intercoms where id = 1')).toEqual([
      { title: 'Intercom 1', flat_from: 10, flat_to: 11 },
    ]);
    expect(await send(world, UPDATE, { ...input, force: true })).toEqual({
      __typename: 'UpdateIntercomSuccess',
      intercom: { intercomId: '1', title: 'New', externalId: null, flatFrom: 11, flatTo: 11, flatCount: 1 },
      ...{ flatsAdded: 0, flatsRemoved: 1 },
    });
    expect(await world.rows('select * from keys')).toEqual([]);
    expect(await world.rows('select * from flat_users')).toEqual([]);
  });

  it.each<[string, object, object]>([
    [
      'an unknown id',
      { intercomId: 9, title: 'X' },
      refused('intercomId', 'NOT_FOUND', 'Nothing exists with this intercomId.'),
    ],
    [
      'an unknown external id',
      { externalId: 'none' },
      refused('externalId', 'NOT_FOUND', 'Nothing exists with this externalId.'),
    ],
    [
      'both names',
      { intercomId: 1, externalId: 'g-7' },
      {
        __typename: 'ValidationError',
        message: 'Send either intercomId or externalId, not both. (and 1 more error)',
        fields: [
          {
            ...{ field: 'intercomId', code: 'MUTUALLY_EXCLUSIVE' },
            message: 'Send either intercomId or externalId, not both.',
          },
          {
            ...{ field: 'externalId', code: 'MUTUALLY_EXCLUSIVE' },
            message: 'Send either externalId or intercomId, not both.',
          },
        ],
      },
    ],
    [
      'no name, and null for what has to be there',
      { intercomId: null, externalId: null, title: null, flatTo: null },
      {
        __typename: 'ValidationError',
        message: 'Send intercomId or externalId. (and 3 more errors)',
        fields: [
          { field: 'intercomId', code: 'REQUIRED', message: 'Send intercomId or externalId.' },
          { field: 'externalId', code: 'REQUIRED', message: 'Send externalId or intercomId.' },
          {
            ...{ field: 'title', code: 'INVALID_TEXT' },
            message: 'title must not be empty, and must not hold control characters or U+FFFD.',
          },
          { field: 'flatTo', code: 'INVALID_INTEGER', message: 'flatTo must be a whole number, 1 or more.' },
        ],
      },
    ],
    [
      'an external id that another one has',
      { intercomId: 1, newExternalId: 'h-8' },
      refused('newExternalId', 'TAKEN', 'Another intercom already has this newExternalId.'),
    ],
    [
      'a range that would end before it begins',
      { intercomId: 1, flatFrom: 61 },
      refused('flatFrom', 'INVALID_RANGE', 'flatFrom must not be greater than flatTo.'),
    ],
  ])('refuses %s', async (_, input, answer) => {
    await using world = await start();
    await send(world, CREATE, garden);
    await send(world, CREATE, { ...garden, externalId: 'h-8' });
    expect(await send(world, UPDATE, input)).toEqual(answer);
  });
});

describe('deleteIntercom', () => {
  it('takes its flats along, while their history stays', async () => {
    await using world = await start();
    await send(world, CREATE, { ...garden, flatTo: 3 });
    await world.patch({ intercom_id: 1, flat: 2, is_analog_line_available: false });
    expect(await send(world, DELETE, { externalId: 'g-7' })).toEqual({
      __typename: 'DeleteIntercomSuccess',
      intercom: { intercomId: '1', ...garden, flatTo: 3, flatCount: 0 },
      flatsRemoved: 3,
    });
    const read = await world.gql(`{
      intercom(by: { intercomId: 1 }) { intercomId }
      intercomFlat(by: { flatId: 2 }) { flatId }
      lineStatistics { flats }
      changes(filter: { intercomId: 1 }) { edges { node { intercomId actor ... on FlatChange { flatId flat intercomFlat { flatId } } } } }
    }`);
    expect(read.data).toEqual({
      intercom: null,
      intercomFlat: null,
      lineStatistics: { flats: 0 },
      changes: {
        edges: [{ node: { flatId: '2', intercomId: '1', flat: 2, actor: 'local', intercomFlat: null } }],
      },
    });
    expect((await world.patch({ intercom_id: 1, flat: 2 })).status).toBe(422);
    expect(await send(world, CREATE, { ...garden, flatTo: 3 })).toMatchObject({ intercom: { intercomId: '2' } });
    expect(await world.rows('select id from flats')).toEqual([{ id: 4 }, { id: 5 }, { id: 6 }]);
  });

  it('refuses while its flats are in use, unless it is forced, and when there is none', async () => {
    await using world = await start({ flats: BUILDING });
    expect(await send(world, DELETE, { intercomId: 1 })).toMatchObject({
      ...{ __typename: 'FlatsInUse', count: 1, flats: [{ flatId: '1' }] },
    });
    expect(await world.rows('select count(*) n from flats')).toEqual([{ n: 3 }]);
    expect(await send(world, DELETE, { intercomId: 1, force: true })).toMatchObject({ flatsRemoved: 2 });
    expect(await send(world, DELETE, { intercomId: 1, force: true })).toEqual(
      refused('intercomId', 'NOT_FOUND', 'Nothing exists with this intercomId.'),
    );
    expect(await world.rows('select id from intercoms')).toEqual([{ id: 2 }]);
  });
});

describe('attachKeys, detachKeys, attachUsers and detachUsers', () => {
  const FLAT = 'intercomFlat { flatId version keyCount usersCount keys { code } users { login } }';
  const mutation = (name: string, count: string) => `mutation ($input: ${name}Input!) {
    result: ${name[0]?.toLowerCase()}${name.slice(1)}(input: $input) { __typename ... on ${name}Success { ${FLAT} ${count} } ${ERRORS} }
  }`;
  const ATTACH_KEYS = mutation('AttachKeys', 'attached');
  const DETACH_KEYS = mutation('DetachKeys', 'detached');
  const ATTACH_USERS = mutation('AttachUsers', 'attached');
  const DETACH_USERS = mutation('DetachUsers', 'detached');

  const flat = (keys: string[], users: string[]) => ({
    ...{ flatId: '1', version: 1, keyCount: keys.length, usersCount: users.length },
    ...{ keys: keys.map((code) => ({ code })), users: users.map((login) => ({ login })) },
  });

  it('attach what the flat does not have and detach what it has, many at once', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { intercomId: 1, flat: 10, keys: ['A2', ' B1', 'B1', 'b1'] };
    for (const attached of [2, 0]) {
      expect(await send(world, ATTACH_KEYS, input)).toEqual({
        ...{ __typename: 'AttachKeysSuccess', attached },
        intercomFlat: flat(['A1', 'A2', 'B1', 'b1'], ['anna']),
      });
    }
    for (const detached of [2, 0]) {
      expect(await send(world, DETACH_KEYS, { flatId: 1, keys: ['A1', 'b1', 'none'] })).toEqual({
        ...{ __typename: 'DetachKeysSuccess', detached },
        intercomFlat: flat(['A2', 'B1'], ['anna']),
      });
    }
    for (const attached of [1, 0]) {
      expect(await send(world, ATTACH_USERS, { flatId: 1, users: ['anna', 'борис'] })).toEqual({
        ...{ __typename: 'AttachUsersSuccess', attached },
        intercomFlat: flat(['A2', 'B1'], ['anna', 'борис']),
      });
    }
    for (const detached of [1, 0]) {
      expect(await send(world, DETACH_USERS, { intercomId: '1', flatId: '1', users: ['anna'] })).toEqual({
        ...{ __typename: 'DetachUsersSuccess', detached },
        intercomFlat: flat(['A2', 'B1'], ['борис']),
      });
    }
    expect((await world.gql('{ changes { totalCount } }')).data.changes.totalCount).toBe(0);
  });

  it('answer each with what it left, when several stand in one document', async () => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.gql(`mutation {
      a: attachKeys(input: { flatId: 1, keys: ["B"] }) { ... on AttachKeysSuccess { intercomFlat { keys { code } } } }
      b: detachKeys(input: { flatId: 1, keys: ["A1", "A2"] }) { ... on DetachKeysSuccess { intercomFlat { keys { code } } } }
      c: updateIntercom(input: { intercomId: 1, flatTo: 12 }) { ... on UpdateIntercomSuccess { intercom { flatCount } } }
      d: updateIntercom(input: { intercomId: 1, flatTo: 13 }) { ... on UpdateIntercomSuccess { intercom { flatCount } } }
    }`);
    expect(answer.data).toEqual({
      a: { intercomFlat: { keys: [{ code: 'A1' }, { code: 'A2' }, { code: 'B' }] } },
      b: { intercomFlat: { keys: [{ code: 'B' }] } },
      c: { intercom: { flatCount: 3 } },
      d: { intercom: { flatCount: 4 } },
    });
  });

  it('refuse a flat as an update of its lines does, and names that cannot be stored', async () => {
    await using world = await start({ flats: BUILDING });
    const codes = async (query: string, input: object) =>
      (await send(world, query, input)).fields.map((it: { field: string; code: string }) => [it.field, it.code]);
    expect(await codes(ATTACH_KEYS, { intercomId: 1, flat: 10, flatId: 1, keys: ['A;B', 'x'.repeat(65)] })).toEqual([
      ['flat', 'MUTUALLY_EXCLUSIVE'],
      ['flatId', 'MUTUALLY_EXCLUSIVE'],
      ['keys[0]', 'INVALID_TEXT'],
      ['keys[1]', 'TOO_LONG'],
    ]);
    expect(await codes(DETACH_USERS, { users: [] })).toEqual([
      ['intercomId', 'REQUIRED'],
      ['flat', 'REQUIRED'],
      ['flatId', 'REQUIRED'],
    ]);
    expect(await codes(ATTACH_USERS, { intercomId: 9, flat: 1, users: ['a'] })).toEqual([['intercomId', 'NOT_FOUND']]);
    expect(await codes(DETACH_KEYS, { intercomId: 1, flat: 9, keys: ['a'] })).toEqual([['flat', 'NOT_FOUND']]);
    expect(await codes(ATTACH_KEYS, { flatId: 9, keys: ['a'] })).toEqual([['flatId', 'NOT_FOUND']]);
    expect(await codes(ATTACH_KEYS, { intercomId: 2, flatId: 1, keys: ['a'] })).toEqual([['flatId', 'WRONG_INTERCOM']]);
    expect(await send(world, ATTACH_USERS, { flatId: 1, users: new Array(1_001).fill('a') })).toEqual(
      refused('users', 'TOO_MANY', 'users has too many entries: at most 1000.'),
    );
    expect(await world.rows("select login from users where login <> 'anna'")).toEqual([]);
  });

  it('keep every key of many callers who attach to one flat at once', async () => {
    await using world = await start({ flats: BUILDING });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => send(world, ATTACH_KEYS, { flatId: 2, keys: [`K${i}`, 'shared'] })),
    );
    expect(results.reduce((sum, it) => sum + it.attached, 0)).toBe(21);
    expect(await world.store.findFlat({ by: 'id', flatId: 2 })).toMatchObject({ keyCount: 21, version: 1 });
  });
});

describe('an intercom', () => {
  it('is found by its id and by its external id, alone and in the list', async () => {
    await using world = await start({ flats: BUILDING });
    await send(world, UPDATE, { intercomId: 2, newExternalId: 'two' });
    const read = await world.gql(`{
      byId: intercom(by: { intercomId: 2 }) { externalId }
      byExternalId: intercom(by: { externalId: " two " }) { intercomId }
      none: intercom(by: { externalId: "none" }) { intercomId }
      listed: intercoms(filter: { externalId: "two" }) { totalCount edges { node { intercomId } } }
      unlisted: intercoms(filter: { externalId: "two", intercomId: 1 }) { totalCount edges { node { intercomId } } }
    }`);
    expect(read).toEqual({
      status: 200,
      data: {
        byId: { externalId: 'two' },
        byExternalId: { intercomId: '2' },
        none: null,
        listed: { totalCount: 1, edges: [{ node: { intercomId: '2' } }] },
        unlisted: { totalCount: 0, edges: [] },
      },
    });
  });

  it('is an error when the name can be none', async () => {
    await using world = await start();
    const message = async (by: string) => {
      const { errors } = await world.gql(`{ intercom(by: ${by}) { intercomId } }`);
      return errors.map((it: { message: string; extensions: { code: string } }) => [it.message, it.extensions.code]);
    };
    expect(await message('{ intercomId: "x" }')).toEqual([
      ['intercomId must be a whole number, 1 or more.', 'BAD_USER_INPUT'],
    ]);
    expect(await message('{ externalId: "" }')).toEqual([
      ['externalId must not be empty, and must not hold control characters or U+FFFD.', 'BAD_USER_INPUT'],
    ]);
  });
});

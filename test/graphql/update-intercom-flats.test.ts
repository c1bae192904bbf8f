import { describe, expect, it } from 'vitest';
import { BUILDING, start, type World } from '../support/start.ts';

const UPDATE = `mutation ($updates: [UpdateIntercomFlatInput!]!, $atomic: Boolean) {
  updateIntercomFlats(updates: $updates, atomic: $atomic) {
    __typename
    ... on UpdateIntercomFlatSuccess {
      intercomFlat { flatId version properties { isAnalogLineAvailable } }
      change { before { isAnalogLineAvailable } after { isAnalogLineAvailable } reason }
    }
    ... on UserError { message }
    ... on ValidationError { fields { field code } }
    ... on VersionConflict { current { version } }
  }
}`;

const off = { isAnalogLineAvailable: false };
const success = (id: string, version: number, analog: boolean, reason: string | null = null) => ({
  __typename: 'UpdateIntercomFlatSuccess',
  intercomFlat: { flatId: id, version, properties: { isAnalogLineAvailable: analog } },
  change: { before: { isAnalogLineAvailable: !analog }, after: { isAnalogLineAvailable: analog }, reason },
});
const NOT_APPLIED = {
  __typename: 'NotApplied',
  message: 'Not applied, since another update of this call was refused.',
};
const UNKNOWN = {
  __typename: 'ValidationError',
  message: 'Nothing exists with this flatId.',
  fields: [{ field: 'flatId', code: 'NOT_FOUND' }],
};
const NAMELESS = {
  __typename: 'ValidationError',
  message: 'intercomId is required. (and 2 more errors)',
  fields: ['intercomId', 'flat', 'flatId'].map((field) => ({ field, code: 'REQUIRED' })),
};
const CONFLICT = {
  __typename: 'VersionConflict',
  message: 'The flat was changed by another caller: its version is not the expected one.',
  current: { version: 1 },
};

const update = async (world: World, updates: readonly object[], atomic?: boolean) =>
  (await world.gql(UPDATE, { updates, atomic })).data.updateIntercomFlats;
const state = (world: World) => world.rows('select id, analog, version from flats order by id');
const logged = (world: World) => world.rows('select seq, flat_id from changes');
const UNTOUCHED = [1, 2, 3].map((id) => ({ id, analog: 1, version: 1 }));

describe('updateIntercomFlats', () => {
  it('has a result for each update in their order, and a refusal stops no other', async () => {
    await using world = await start({ flats: BUILDING });
    expect(
      await update(world, [
        { flatId: 1, ...off, reason: 'one' },
        off,
        { flatId: 99, ...off },
        { flatId: 2, expectedVersion: 2, ...off },
        { intercomId: 2, flat: 10, ...off },
        { flatId: 2, isAnalogLineAvailable: true },
      ]),
    ).toEqual([
      success('1', 2, false, 'one'),
      NAMELESS,
      UNKNOWN,
      CONFLICT,
      success('3', 2, false),
      {
        __typename: 'UpdateIntercomFlatSuccess',
        intercomFlat: { flatId: '2', version: 1, properties: { isAnalogLineAvailable: true } },
        change: null,
      },
    ]);
    expect(await logged(world)).toEqual([
      { seq: 1, flat_id: 1 },
      { seq: 2, flat_id: 3 },
    ]);
  });

  it('applies updates of one flat in their order', async () => {
    await using world = await start({ flats: BUILDING });
    const [first, second, third] = [off, { isAnalogLineAvailable: true }, { ...off, expectedVersion: 3 }];
    expect(
      await update(
        world,
        [first, second, third].map((it) => ({ flatId: 1, ...it })),
      ),
    ).toEqual([success('1', 2, false), success('1', 3, true), success('1', 4, false)]);
  });

  it('changes nothing at all when it is atomic and one is refused', async () => {
    await using world = await start({ flats: BUILDING });
    expect(
      await update(
        world,
        [{ flatId: 1, ...off }, { flatId: 99, ...off }, { flatId: 2 }, { flatId: 2, expectedVersion: 2, ...off }],
        true,
      ),
    ).toEqual([NOT_APPLIED, UNKNOWN, NOT_APPLIED, CONFLICT]);
    expect(await update(world, [{ flatId: 1, ...off }, off, { flatId: 99, ...off }], true)).toEqual([
      NOT_APPLIED,
      NAMELESS,
      NOT_APPLIED,
    ]);
    expect(await state(world)).toEqual(UNTOUCHED);
    expect(await logged(world)).toEqual([]);
  });

  it('applies all when it is atomic and none is refused', async () => {
    await using world = await start({ flats: BUILDING });
    expect(
      await update(
        world,
        [
          { flatId: 1, ...off },
          { flatId: 3, ...off },
        ],
        true,
      ),
    ).toEqual([success('1', 2, false), success('3', 2, false)]);
  });

  it('undoes only itself when it shares its commit with others', async () => {
    await using world = await start({ flats: BUILDING });
    const answers = await Promise.all([
      update(world, [{ flatId: 1, ...off }]),
      update(world, [{ flatId: 2, ...off }, { flatId: 99 }], true),
      update(world, [{ flatId: 3, ...off }]),
    ]);
    expect(answers).toEqual([[success('1', 2, false)], [NOT_APPLIED, UNKNOWN], [success('3', 2, false)]]);
    expect(await state(world)).toEqual([
      { id: 1, analog: 0, version: 2 },
      { id: 2, analog: 1, version: 1 },
      { id: 3, analog: 0, version: 2 },
    ]);
  });

  it('takes 1,000 updates and refuses 1,001 before anything is written', async () => {
    const flats = Array.from({ length: 1_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} }));
    await using world = await start({ flats });
    const updates = flats.map((_, i) => ({ flatId: i + 1, ...off }));
    const tooMany = await world.gql(UPDATE, { updates: [...updates, { flatId: 1 }] });
    expect(tooMany).toEqual({
      status: 400,
      data: null,
      errors: [
        {
          message: 'Too many updates in one call: at most 1000. Nothing was changed.',
          locations: [{ line: 2, column: 3 }],
          path: ['updateIntercomFlats'],
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ],
    });
    expect(await logged(world)).toEqual([]);
    expect(await update(world, updates)).toEqual(updates.map((_, i) => success(String(i + 1), 2, false)));
    expect(await world.rows('select count(*) n from changes')).toEqual([{ n: 1_000 }]);
  });

  it('takes no updates at all', async () => {
    await using world = await start();
    expect([await update(world, []), await update(world, [], true)]).toEqual([[], []]);
  });

  it('tries what it would do, each as the updates before it would leave its flat, and writes nothing', async () => {
    await using world = await start({ flats: BUILDING });
    const preview = async (updates: readonly object[], atomic = false) => {
      const { data } = await world.gql(
        `mutation ($updates: [UpdateIntercomFlatInput!]!, $atomic: Boolean!) {
          updateIntercomFlats(updates: $updates, atomic: $atomic, dryRun: true) {
            __typename
            ... on UpdateIntercomFlatSuccess { changed intercomFlat { flatId version properties { isAnalogLineAvailable } } change { cursor } }
            ... on ValidationError { fields { field code } }
            ... on VersionConflict { current { version } }
          }
        }`,
        { updates, atomic },
      );
      return data.updateIntercomFlats;
    };
    const would = (flatId: string, version: number, isAnalogLineAvailable: boolean, changed = true) => ({
      ...{ __typename: 'UpdateIntercomFlatSuccess', changed, change: null },
      intercomFlat: { flatId, version, properties: { isAnalogLineAvailable } },
    });
    const refused = (field: string, code: string) => ({ __typename: 'ValidationError', fields: [{ field, code }] });
    const updates = [
      { flatId: 1, ...off },
      { intercomId: 1, flat: 10, ...off },
      { flatId: 1, isAnalogLineAvailable: true, expectedVersion: 2 },
      { flatId: 2, ...off, expectedVersion: 7 },
      { intercomId: 1, flat: 99, ...off },
      { flatId: 3, intercomId: 1, ...off },
      { flatId: 3, intercomId: 9, ...off },
    ];
    expect(await preview(updates)).toEqual([
      would('1', 2, false),
      would('1', 2, false, false),
      would('1', 3, true),
      { __typename: 'VersionConflict', current: { version: 1 } },
      refused('flat', 'NOT_FOUND'),
      refused('flatId', 'WRONG_INTERCOM'),
      refused('intercomId', 'NOT_FOUND'),
    ]);
    const notApplied = { __typename: 'NotApplied' };
    expect(await preview([updates[0] as object, updates[4] as object], true)).toEqual([
      notApplied,
      refused('flat', 'NOT_FOUND'),
    ]);
    expect(await preview([updates[0] as object, { flatId: 2, isAnalogLineAvailable: null }], true)).toEqual([
      notApplied,
      refused('isAnalogLineAvailable', 'INVALID_BOOLEAN'),
    ]);
    expect(await preview([updates[0] as object, { flatId: 2, ...off }], true)).toEqual([
      would('1', 2, false),
      would('2', 2, false),
    ]);
    expect(await world.rows('select count(*) n from changes')).toEqual([{ n: 0 }]);
  });
});

import { describe, expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { BUILDING, start } from '../support/start.ts';

const UPDATE = `mutation ($input: UpdateIntercomFlatInput!) {
  updateIntercomFlat(input: $input) {
    __typename
    ... on UpdateIntercomFlatSuccess {
      intercomFlat { ...flat }
      change {
        cursor changedAt actor channel reason flatId intercomId flat
        intercomFlat { version }
        before { isAnalogLineAvailable } after { isAnalogLineAvailable }
      }
    }
    ... on UserError { message }
    ... on ValidationError { fields { field code message } }
    ... on VersionConflict { current { ...flat } }
  }
}
fragment flat on IntercomFlat {
  flatId flat intercomId keyCount usersCount version updatedAt
  properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }
}`;

const flat10 = (version = 1, analog = true) => ({
  flatId: '1',
  flat: 10,
  intercomId: '1',
  keyCount: 2,
  usersCount: 1,
  version,
  updatedAt: '2026-11-23T12:00:00.000Z',
  properties: { isSmartphoneSipLineAvailable: true, isLandlineSipLineAvailable: true, isAnalogLineAvailable: analog },
});

describe('updateIntercomFlat', () => {
  it('sets a line and answers with the flat and its row of the log', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { intercomId: 1, flat: 10, isAnalogLineAvailable: false, reason: 'handset removed' };
    expect(await world.gql(UPDATE, { input })).toEqual({
      status: 200,
      data: {
        updateIntercomFlat: {
          __typename: 'UpdateIntercomFlatSuccess',
          intercomFlat: flat10(2, false),
          change: {
            cursor: formatCursor({ epoch: world.store.epoch, seq: 1 }),
            changedAt: '2026-11-23T12:00:00.000Z',
            actor: 'local',
            channel: 'GRAPHQL',
            reason: 'handset removed',
            flatId: '1',
            intercomId: '1',
            flat: 10,
            intercomFlat: { version: 2 },
            before: { isAnalogLineAvailable: true },
            after: { isAnalogLineAvailable: false },
          },
        },
      },
    });
  });

  it('names the flat by its record id, as a text or as a number', async () => {
    await using world = await start({ flats: BUILDING });
    for (const flatId of ['1', 1, ' +1 ']) {
      expect((await world.gql(UPDATE, { input: { flatId } })).data).toEqual({
        updateIntercomFlat: { __typename: 'UpdateIntercomFlatSuccess', intercomFlat: flat10(), change: null },
      });
    }
    expect(await world.rows('select * from changes')).toEqual([]);
  });

  it('tells all that is wrong with the shape at once, in the spelling of this schema', async () => {
    await using world = await start({ flats: BUILDING });
    const input = {
      intercomId: 'one',
      flat: 0,
      flatId: '1',
      isSmartphoneSipLineAvailable: null,
      expectedVersion: -1,
      reason: 'x'.repeat(501),
    };
    expect((await world.gql(UPDATE, { input })).data).toEqual({
      updateIntercomFlat: {
        __typename: 'ValidationError',
        message: 'Send either flat or flatId, not both. (and 6 more errors)',
        fields: [
          { field: 'flat', code: 'MUTUALLY_EXCLUSIVE', message: 'Send either flat or flatId, not both.' },
          { field: 'flatId', code: 'MUTUALLY_EXCLUSIVE', message: 'Send either flatId or flat, not both.' },
          { field: 'intercomId', code: 'INVALID_INTEGER', message: 'intercomId must be a whole number, 1 or more.' },
          { field: 'flat', code: 'INVALID_INTEGER', message: 'flat must be a whole number, 1 or more.' },
          {
            field: 'isSmartphoneSipLineAvailable',
            code: 'INVALID_BOOLEAN',
            message: 'isSmartphoneSipLineAvailable must be true or false.',
          },
          {
            field: 'expectedVersion',
            code: 'INVALID_INTEGER',
            message: 'expectedVersion must be a whole number, 1 or more.',
          },
          { field: 'reason', code: 'TOO_LONG', message: 'reason is too long: at most 500 characters.' },
        ],
      },
    });
  });

  it('refuses when the flat has another version by now', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { flatId: 1, expectedVersion: 1, isAnalogLineAvailable: false };
    await world.gql(UPDATE, { input });
    expect((await world.gql(UPDATE, { input: { ...input, isAnalogLineAvailable: true } })).data).toEqual({
      updateIntercomFlat: {
        __typename: 'VersionConflict',
        message: 'The flat was changed by another caller: its version is not the expected one.',
        current: flat10(2, false),
      },
    });
  });

  it('speaks Russian to those who prefer it', async () => {
    await using world = await start({ flats: BUILDING });
    expect((await world.gql(UPDATE, { input: { flat: 10 } }, { 'accept-language': 'ru' })).data).toEqual({
      updateIntercomFlat: {
        __typename: 'ValidationError',
        message: 'Поле intercomId обязательно.',
        fields: [{ field: 'intercomId', code: 'REQUIRED', message: 'Поле intercomId обязательно.' }],
      },
    });
  });

  it('takes inputs written into the document, too', async () => {
    await using world = await start({ flats: BUILDING });
    const document = (value: string) =>
      `mutation { updateIntercomFlat(input: { intercomId: 1, flat: 10, isAnalogLineAvailable: ${value} }) { __typename } }`;
    const answers = [await world.gql(document('null')), await world.gql(document('false'))];
    expect(answers.map((it) => it.data.updateIntercomFlat.__typename)).toEqual([
      'ValidationError',
      'UpdateIntercomFlatSuccess',
    ]);
  });
});

describe('intercomFlat', () => {
  const READ = `query ($by: IntercomFlatBy!) { intercomFlat(by: $by) {
    flatId flat intercomId keyCount usersCount version updatedAt
    properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }
  } }`;

  it('reads a flat by its record id and by its number', async () => {
    await using world = await start({ flats: BUILDING });
    for (const by of [{ flatId: '1' }, { number: { intercomId: '1', flat: 10 } }]) {
      expect(await world.gql(READ, { by })).toEqual({ status: 200, data: { intercomFlat: flat10() } });
    }
  });

  it('is null when there is none', async () => {
    await using world = await start({ flats: BUILDING });
    for (const by of [
      { flatId: '99' },
      { number: { intercomId: '1', flat: 99 } },
      { number: { intercomId: 9, flat: 1 } },
    ]) {
      expect(await world.gql(READ, { by })).toEqual({ status: 200, data: { intercomFlat: null } });
    }
  });

  it('is an error when the name can be none', async () => {
    await using world = await start({ flats: BUILDING });
    expect(await world.gql(READ, { by: { flatId: 'x' } })).toEqual({
      status: 200,
      data: { intercomFlat: null },
      errors: [
        {
          message: 'flatId must be a whole number, 1 or more.',
          locations: [{ line: 1, column: 32 }],
          path: ['intercomFlat'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    const both = await world.gql(READ, { by: { flatId: '1', number: { intercomId: '1', flat: 10 } } });
    expect(both.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

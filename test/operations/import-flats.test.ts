import { expect, it } from 'vitest';
import type { FlatRowError, ParsedRow, Row } from '../../src/domain/import-row.ts';
import { importFlats } from '../../src/operations/import-flats.ts';
import { tempDatabase } from '../support/temp-database.ts';

const LOCAL = { actor: 'local', channel: 'IMPORT' } as const;

async function world() {
  const database = await tempDatabase();
  const store = await database.open({ now: () => 1_000 });
  return {
    query: database.rows,
    /** Imports rows, flat 10 of intercom 1 unless they say otherwise; the summary is its counts in their order. */
    async import(...given: (Partial<Row> | FlatRowError)[]) {
      const refused: [number, readonly FlatRowError[]][] = [];
      async function* batches(): AsyncGenerator<readonly ParsedRow[]> {
        yield given.map((it, i) =>
          'reason' in it
            ? { line: i + 2, errors: [it] }
            : { line: i + 2, row: { intercomId: 1, flat: 10, lines: {}, ...it } as Row },
        );
      }
      const summary = await importFlats(store, LOCAL, batches(), (line, errors) => void refused.push([line, errors]));
      return { summary: Object.values(summary).join(' '), refused };
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

it('counts rows, intercoms and flats created, flats changed, unchanged and refused', async () => {
  await using w = await world();
  await w.import({ flat: 10 }, { flat: 11, lines: { analog: false } });
  expect(
    await w.import(
      { flat: 10, lines: { analog: false } },
      { flat: 11, lines: { analog: false } },
      { flat: 12 },
      { intercomId: 2 },
      { column: 'flat', reason: 'notAnInteger' },
    ),
  ).toEqual({ summary: '5 1 0 2 1 1 1', refused: [[6, [{ column: 'flat', reason: 'notAnInteger' }]]] });
});

it('changes the lines of a flat with a log row, and the lines of no other', async () => {
  await using w = await world();
  await w.import({ flat: 10 }, { flat: 11 });
  await w.import({ flat: 10, lines: { landlineSip: false } }, { flat: 11, lines: { landlineSip: true } });
  expect(await w.query('select * from changes')).toEqual([
    {
      seq: 4,
      changed_at: 1_000,
      actor: 'local',
      channel: 'IMPORT',
      reason: null,
      flat_id: 1,
      intercom_id: 1,
      flat: 10,
      before_smartphone_sip: 1,
      before_landline_sip: 1,
      before_analog: 1,
      after_smartphone_sip: 1,
      after_landline_sip: 0,
      after_analog: 1,
    },
  ]);
});

it('refuses a flat that stands twice in the file', async () => {
  await using w = await world();
  expect(await w.import({}, { intercomId: 2 }, { lines: { analog: false } }, { flat: 2 ** 31 - 1 })).toEqual({
    summary: '4 2 0 3 0 0 1',
    refused: [[4, [{ column: 'flat', reason: 'duplicate' }]]],
  });
});

it('refuses a second title of an intercom, and remembers nothing of that row', async () => {
  await using w = await world();
  expect(
    await w.import(
      { flat: 10 },
      { flat: 11, intercomTitle: 'Main' },
      { flat: 12, intercomTitle: 'Yard' },
      { flat: 12, intercomTitle: 'Main' },
      { flat: 12, intercomTitle: 'Roof' },
    ),
  ).toEqual({
    summary: '5 1 0 3 0 0 2',
    refused: [
      [4, [{ column: 'intercomTitle', reason: 'otherTitle' }]],
      [
        6,
        [
          { column: 'flat', reason: 'duplicate' },
          { column: 'intercomTitle', reason: 'otherTitle' },
        ],
      ],
    ],
  });
  expect(await w.query('select id, title from intercoms')).toEqual([{ id: 1, title: 'Main' }]);
});

it('takes a record id that is free or the same, and refuses another and a taken one', async () => {
  await using w = await world();
  expect(await w.import({ flat: 10, flatId: 70 }, { flat: 11 }, { flat: 12, flatId: 5 }, { flat: 13 })).toEqual({
    summary: '4 1 0 4 0 0 0',
    refused: [],
  });
  expect(await w.query('select id, flat from flats order by flat')).toEqual([
    { id: 70, flat: 10 },
    { id: 71, flat: 11 },
    { id: 5, flat: 12 },
    { id: 72, flat: 13 },
  ]);
  expect(
    await w.import({ flat: 10, flatId: 70 }, { flat: 11, flatId: 8 }, { intercomId: 9, flat: 1, flatId: 70 }),
  ).toEqual({
    summary: '3 0 0 0 0 1 2',
    refused: [
      [3, [{ column: 'flatId', reason: 'otherFlatId' }]],
      [4, [{ column: 'flatId', reason: 'flatIdTaken' }]],
    ],
  });
  expect(await w.query('select id from intercoms')).toEqual([{ id: 1 }]);
});

it('never gives a flat an id that JSON cannot hold', async () => {
  await using w = await world();
  expect(await w.import({ flat: 10, flatId: Number.MAX_SAFE_INTEGER }, { flat: 11 }, { flat: 12, flatId: 3 })).toEqual({
    summary: '3 1 0 2 0 0 1',
    refused: [[3, [{ column: 'flat', reason: 'noIdLeft' }]]],
  });
});

it('replaces keys and users where they are given, and counts only a difference', async () => {
  await using w = await world();
  await w.import({ keys: ['A', 'B'], users: ['anna'] });
  expect((await w.import({ keys: ['B', 'A'] })).summary).toBe('1 0 0 0 0 1 0');
  expect((await w.import({ keys: ['C'], users: ['anna', 'boris'] })).summary).toBe('1 0 0 0 1 0 0');
  expect((await w.import({})).summary).toBe('1 0 0 0 0 1 0');
  expect(await w.query('select code from keys order by 1')).toEqual([{ code: 'C' }]);
  expect(await w.query('select login from flat_users join users on users.id = user_id order by login')).toEqual([
    { login: 'anna' },
    { login: 'boris' },
  ]);
  expect(await w.query('select version from flats')).toEqual([{ version: 1 }]);
});

it('refuses rows that give one intercom two external ids or ranges, or a flat outside of its range', async () => {
  await using w = await world();
  const intercomRange = { from: 1, to: 20 };
  expect(
    await w.import(
      { flat: 1, intercomExternalId: 'A', intercomRange },
      { flat: 2, intercomExternalId: 'B' },
      { flat: 3, intercomRange: { from: 1, to: 30 } },
      { flat: 4, intercomRange: { from: 2, to: 20 } },
      { flat: 21 },
      { intercomId: 2, flat: 21, intercomRange },
    ),
  ).toEqual({
    summary: '6 1 0 1 0 0 5',
    refused: [
      [3, [{ column: 'intercomExternalId', reason: 'otherExternalId' }]],
      [4, [{ column: 'intercomFlatTo', reason: 'otherRange' }]],
      [5, [{ column: 'intercomFlatFrom', reason: 'otherRange' }]],
      [6, [{ column: 'flat', reason: 'outsideRange' }]],
      [7, [{ column: 'flat', reason: 'outsideRange' }]],
    ],
  });
});

it('replaces a range by the one that is given, unless a stored flat would be outside', async () => {
  await using w = await world();
  await w.import({ flat: 5 }, { flat: 8 });
  const range = () => w.query('select flat_from, flat_to from intercoms');
  expect(await range()).toEqual([{ flat_from: 5, flat_to: 8 }]);
  const give = (from: number, to: number) => w.import({ flat: 6, intercomRange: { from, to } });
  expect(await give(6, 9)).toEqual({
    summary: '1 0 0 0 0 0 1',
    refused: [[2, [{ column: 'intercomFlatFrom', reason: 'flatsOutside' }]]],
  });
  expect(await give(1, 7)).toEqual({
    summary: '1 0 0 0 0 0 1',
    refused: [[2, [{ column: 'intercomFlatTo', reason: 'flatsOutside' }]]],
  });
  expect(await w.query('select flat from flats order by 1')).toEqual([{ flat: 5 }, { flat: 8 }]);
  expect((await give(1, 20)).summary).toBe('1 0 1 1 0 0 0');
  expect(await range()).toEqual([{ flat_from: 1, flat_to: 20 }]);
  expect((await w.import({ flat: 30 }, { flat: 31 })).summary).toBe('2 0 0 2 0 0 0');
  expect(await range()).toEqual([{ flat_from: 1, flat_to: 31 }]);
});

it('refuses an external id of another intercom, and leaves one that is not given', async () => {
  await using w = await world();
  await w.import({ intercomExternalId: 'A' }, { intercomId: 2, intercomExternalId: 'B' });
  expect(
    await w.import({ intercomId: 2, intercomExternalId: 'A' }, { intercomId: 3, intercomExternalId: 'B' }),
  ).toEqual({
    summary: '2 0 0 0 0 0 2',
    refused: [
      [2, [{ column: 'intercomExternalId', reason: 'externalIdTaken' }]],
      [3, [{ column: 'intercomExternalId', reason: 'externalIdTaken' }]],
    ],
  });
  expect((await w.import({ intercomExternalId: 'C' }, { intercomId: 2, intercomExternalId: 'A' }, {})).summary).toBe(
    '3 0 2 0 0 0 1',
  );
  expect((await w.import({ intercomTitle: 'Main' })).summary).toBe('1 0 1 0 0 0 0');
  expect(await w.query('select id, title, external_id as external from intercoms order by id')).toEqual([
    { id: 1, title: 'Main', external: 'C' },
    { id: 2, title: 'Intercom 2', external: 'A' },
  ]);
});

it('gives an intercom that had no flats the range of those that come', async () => {
  await using w = await world();
  await w.import({ flat: undefined, intercomTitle: 'Empty' });
  expect(await w.query('select flat_from, flat_to from intercoms')).toEqual([{ flat_from: null, flat_to: null }]);
  await w.import({ flat: 9 }, { flat: 3 });
  expect(await w.query('select flat_from, flat_to from intercoms')).toEqual([{ flat_from: 3, flat_to: 9 }]);
});

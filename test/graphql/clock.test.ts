import { expect, it } from 'vitest';
import { BUILDING, NOON, start } from '../support/start.ts';

const DAY = 86_400_000;
const SET = `mutation ($on: Boolean!) { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: $on }) {
  ... on UpdateIntercomFlatSuccess { intercomFlat { updatedAt } change { changedAt } } } }`;
const HISTORY = `query ($from: DateTime, $to: DateTime) { changes(filter: { from: $from, to: $to }) {
  totalCount edges { node { changedAt } } } lineStatistics { changedLastDay } }`;

it('a change made while the clock was ten years ahead does not freeze the time of those that come later', async () => {
  let now = NOON;
  await using world = await start({ flats: BUILDING, now: () => now });
  const moments = [NOON - DAY, NOON + 3_650 * DAY, NOON, NOON + 1_000];
  for (const [index, moment] of moments.entries()) {
    now = moment;
    const { data } = await world.gql(SET, { on: index % 2 === 1 });
    const time = new Date(moment).toISOString();
    expect(data.updateIntercomFlat).toEqual({ intercomFlat: { updatedAt: time }, change: { changedAt: time } });
  }
  const history = async (from: number | null, to: number | null) => {
    const moment = (it: number | null) => (it === null ? null : new Date(it).toISOString());
    const { data } = await world.gql(HISTORY, { from: moment(from), to: moment(to) });
    const { totalCount, edges } = data.changes;
    const times = edges.map((it: { node: { changedAt: string } }) => Date.parse(it.node.changedAt));
    expect(totalCount).toBe(times.length);
    return times;
  };
  expect(await history(null, null)).toEqual(moments);
  expect(await history(NOON, NOON + DAY)).toEqual([NOON, NOON + 1_000]);
  expect(await history(NOON + DAY, null)).toEqual([NOON + 3_650 * DAY]);
  expect(await history(null, NOON)).toEqual([NOON - DAY]);
  expect((await world.gql(HISTORY)).data.lineStatistics).toEqual({ changedLastDay: 1 });
});

it('what a clock that was ahead has set is no change of the last day', async () => {
  let now = NOON + 3_650 * DAY;
  await using world = await start({ flats: BUILDING, now: () => now });
  await world.gql(SET, { on: false });
  now = NOON;
  for (const query of [
    '{ lineStatistics { changedLastDay } }',
    '{ lineStatistics(intercomId: 1) { changedLastDay } }',
  ]) {
    expect((await world.gql(query)).data.lineStatistics).toEqual({ changedLastDay: 0 });
  }
});

it.each([
  '2026-02-30T00:00:00Z',
  '2026-02-29T00:00:00+01:00',
  '2026-04-31T12:00:00.5Z',
  '2026-11-23T24:00:00Z',
  '2026-11-23T23:60:00Z',
  '2026-12-31T23:59:60Z',
  '2026-00-10T00:00:00Z',
  '2026-11-23T20:30:00+24:00',
  '2026-11-23T20:30:00+01:60',
  '2026-11-23T20:30:00',
  '2026-11-23',
  '',
])('%j is no moment, neither in the document nor in a variable', async (text) => {
  await using world = await start();
  const message = 'DateTime must be a real moment as RFC 3339 text with a time zone, like 2026-11-23T20:30:00Z';
  const variable = await world.gql(HISTORY, { from: text });
  expect(variable.errors).toMatchObject([
    { message: `Variable "$from" has invalid value: ${message}`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  const literal = await world.gql(`{ changes(filter: { from: ${JSON.stringify(text)} }) { totalCount } }`);
  expect(literal.errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
});

it.each([
  ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['2026-11-23t20:30:00.1234z', '2026-11-23T20:30:00.123Z'],
  ['2026-11-23T23:59:59-05:30', '2026-11-24T05:29:59.000Z'],
])('%s is the moment %s', async (text, moment) => {
  await using world = await start({ flats: BUILDING, now: () => Date.parse(moment) });
  await world.gql(SET, { on: false });
  for (const [from, count] of [
    [text, 1],
    [new Date(Date.parse(moment) + 1).toISOString(), 0],
  ]) {
    expect((await world.gql(HISTORY, { from })).data.changes.totalCount).toBe(count);
  }
});

it('a span of time that is turned round is refused', async () => {
  await using world = await start();
  const { errors } = await world.gql(HISTORY, { from: '2026-11-23T00:00:00Z', to: '2026-11-22T00:00:00Z' });
  expect(errors).toMatchObject([
    { message: 'from must not be later than to.', extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

it('a range of numbers that is turned round is refused by every list', async () => {
  await using world = await start({ flats: BUILDING });
  const { errors } = await world.gql('{ intercomFlats(filter: { flatFrom: 20, flatTo: 10 }) { totalCount } }');
  expect(errors).toMatchObject([
    { message: 'flatTo must not be less than flatFrom.', extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

it('a sort that is null makes the same cursors as none', async () => {
  await using world = await start({ flats: BUILDING });
  for (const [list, fields] of [
    ['intercoms', 'edges { cursor }'],
    ['intercomFlats', 'edges { cursor }'],
  ]) {
    const first = (sort: string) => world.gql(`{ ${list}(first: 1${sort}) { ${fields} } }`);
    const answers = [await first(''), await first(', sort: null')];
    const cursor = answers[1]?.data[list as string].edges[0].cursor;
    expect(answers[0]).toEqual(answers[1]);
    for (const sort of ['', ', sort: null']) {
      const next = await world.gql(`{ ${list}(after: "${cursor}"${sort}) { ${fields} } }`);
      expect(next.errors).toBeUndefined();
    }
  }
});

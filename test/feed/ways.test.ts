import { afterEach, expect, it, vi } from 'vitest';
import { type Caller, NOBODY } from '../../src/domain/caller.ts';
import { createGraphQLDoor, createYogaDoor } from '../../src/graphql/http/door.ts';
import { PING_MS } from '../../src/graphql/http/event-text.ts';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { StorageError, type Store } from '../../src/store/store.ts';
import { type DoorOptions, openDoor } from '../support/door.ts';
import { TESTER } from '../support/origin.ts';
import { type RawStream, rawPost } from '../support/raw-stream.ts';
import { BUILDING, NOON } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

// Plain subscriptions have a lane of their own, in which followers share events. Yoga executes them one by one: both ways
// have to send the same bytes. Both doors are on one store here.

afterEach(() => void vi.useRealTimers());

interface Sent {
  readonly body: string | object;
  readonly accept?: string;
  /** Each ends with a line break. */
  readonly headers?: string;
}

/** Both doors on a store of the building, or on a variant of it. */
async function openWays(options: DoorOptions = {}, variant: (store: Store) => Partial<Store> = () => ({})) {
  const database = await tempDatabase();
  const real = await database.open({ now: () => NOON });
  await real.importRows(TESTER, BUILDING);
  await database.forgetImports();
  const store = { ...real, ...variant(real) };
  const lane = await openDoor(createGraphQLDoor, store, options);
  const yoga = await openDoor(createYogaDoor, store, options);
  const open: RawStream[] = [];
  return {
    store,
    lane,
    yoga,
    cursor: (seq: number) => formatCursor({ epoch: store.epoch, seq }),
    async set(flatId: number, analog: boolean, reason: string | null = null) {
      const update = { ref: { by: 'id', flatId } as const, acceptedVersions: undefined, reason };
      await real.amend({ actor: 'local', channel: 'REST' }, [{ ...update, patch: { analog } }]);
    },
    /** Sends a request both ways. */
    async send({ body, accept = 'text/event-stream', headers = '' }: Sent) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const streams = await Promise.all(
        [lane, yoga].map(({ url }) => rawPost(url, text, `${accept && `Accept: ${accept}\r\n`}${headers}`)),
      );
      open.push(...streams);
      const [ours, theirs] = streams as [RawStream, RawStream];
      await until(() => streams.every((it) => it.isOver() || it.body() !== ''));
      return {
        ours,
        theirs,
        /** Waits until both have sent so many events. */
        events: (count: number) => until(() => streams.every((it) => it.body().split('event: next').length > count)),
        over: () => until(() => streams.every((it) => it.isOver())),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const stream of open) stream.close();
      await lane[Symbol.asyncDispose]();
      await yoga[Symbol.asyncDispose]();
      await real[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const FOLLOW = `subscription ($intercomId: ID, $flatId: ID, $after: String) {
  intercomFlatChanged(intercomId: $intercomId, flatId: $flatId, after: $after) {
    cursor changedAt actor channel reason flatId intercomId flat
    before { isAnalogLineAvailable } after { isSmartphoneSipLineAvailable isAnalogLineAvailable }
  }
}`;
const EVERYTHING = `subscription ($after: String, $n: Int = 2) {
  it: intercomFlatChanged(after: $after) {
    __typename cursor
    intercomFlat {
      flatId keyCount usersCount version updatedAt keys { code } users { login } intercom { title flatCount }
      changes(last: $n) { totalCount edges { cursor node { ...Part } } }
    }
    ...Part
  }
}
fragment Part on LinesChange { flatId after { isAnalogLineAvailable } }`;
const MINIMAL = 'subscription { intercomFlatChanged { cursor } }';

/** Headers that are of one answer alone. */
const comparable = (head: string) => head.replace(/^(Date|X-Request-Id): .*\r\n/gim, '');

it.each([
  ['what is in the log, and what comes', FOLLOW, { after: 0 }],
  ['one intercom', FOLLOW, { intercomId: 1, after: 1 }],
  ['one flat', FOLLOW, { intercomId: '2', flatId: '3' }],
  ['everything that can be selected', EVERYTHING, { after: 0 }],
])('both ways send the same stream: %s', async (_, query, given) => {
  await using ways = await openWays();
  const { after } = given as { after?: number };
  const variables = { ...given, ...(after !== undefined && { after: ways.cursor(after) }) };
  for (const analog of [false, true]) await ways.set(1, analog, 'a reason, "quoted"\nin two lines');
  const { ours, theirs, events } = await ways.send({ body: { query, variables }, headers: 'Origin: https://a.b\r\n' });
  const changes = [1, 2, 3, 1, 3];
  const follows = (flatId: number) => ('flatId' in given ? flatId === 3 : 'intercomId' in given ? flatId < 3 : true);
  let count = after === undefined ? 0 : 2 - after;
  for (const [i, flatId] of changes.entries()) {
    await events(count);
    await ways.set(flatId, i > 2);
    if (follows(flatId)) count++;
  }
  await events(count);
  expect(count).toBeGreaterThan(1);
  expect(ours.body()).toBe(theirs.body());
  expect(ours.body().startsWith(`:\nid: ${ways.cursor(after ?? 2)}\n\n`)).toBe(true);
  expect(comparable(ours.head())).toBe(comparable(theirs.head()));
  ours.close();
  theirs.close();
  await until(() => ways.lane.requests.length + ways.yoga.requests.length === 2);
  expect(ways.lane.requests).toEqual(ways.yoga.requests);
  expect(ways.lane.faults).toEqual([]);
});

const refused = (query: string, variables: object = {}, operationName?: string) => ({
  query,
  variables,
  operationName,
});

it.each<[string, object]>([
  ['no cursor', refused(FOLLOW, { after: 'nonsense' })],
  ['a cursor of another log', refused(FOLLOW, { after: formatCursor({ epoch: '00ff', seq: 0 }) })],
  ['no id', refused(FOLLOW, { intercomId: -1 })],
  ['a variable of another type', refused(FOLLOW, { intercomId: { a: 1 } })],
  ['a variable that is missing', refused('subscription ($id: ID!) { intercomFlatChanged(flatId: $id) { cursor } }')],
  ['an unknown operation', refused(`${MINIMAL.replace('subscription', 'subscription A')}`, {}, 'B')],
  ['one of two operations', refused('subscription A { intercomFlatChanged { cursor } } query B { changesHead }')],
  ['a document that is not valid', refused('subscription { intercomFlatChanged { nothing } }')],
  ['a document that cannot be parsed', refused('subscription {')],
  ['a root field that is left out', refused('subscription { intercomFlatChanged @skip(if: true) { cursor } }')],
  ['two root fields', refused('subscription { a: intercomFlatChanged { cursor } intercomFlatChanged { cursor } }')],
  [
    'a selection that is too large',
    refused(
      'subscription ($n: Int!) { intercomFlatChanged { intercomFlat { intercom { flats(first: $n) { edges { node { changes(first: $n) { edges { cursor } } } } } } } } }',
      { n: 500 },
    ),
  ],
  ['a query', refused('{ changesHead }')],
  ['a mutation', refused('mutation { updateIntercomFlat(input: {}) { __typename } }')],
  ['parameters of another type', { query: MINIMAL, variables: 1 }],
])('both ways say the same before a stream: %s', async (_, body) => {
  await using ways = await openWays();
  const types = [
    'text/event-stream',
    'text/event-stream, application/json',
    'application/graphql-response+json, text/*;q=0.1',
    '*/*',
    '',
    'application/json',
    'multipart/mixed',
  ];
  for (const accept of types) {
    const { ours, theirs, over } = await ways.send({ body, accept });
    await over();
    expect([accept, ours.body()]).toEqual([accept, theirs.body()]);
    const statusAndType = (stream: RawStream) =>
      [/^HTTP.*/, /^content-type: .*/im, /^x-accel.*/im].map((it) => it.exec(stream.head())?.[0].toLowerCase());
    expect([accept, ...statusAndType(ours)]).toEqual([accept, ...statusAndType(theirs)]);
    ours.close();
    theirs.close();
  }
  await until(() => ways.lane.requests.length + ways.yoga.requests.length === 2 * types.length);
  expect(ways.lane.requests).toEqual(ways.yoga.requests);
});

it.each<[string, DoorOptions]>([
  ['too many streams', { beginStream: () => false }],
  ['a caller without any right', { callerOf: (): Caller => NOBODY }],
])('both ways refuse %s, in the language of the caller', async (_, options) => {
  await using ways = await openWays(options);
  for (const accept of ['text/event-stream', 'application/json, text/event-stream']) {
    for (const language of ['ru', 'en']) {
      const headers = `Accept-Language: ${language}\r\n`;
      const { ours, theirs, over } = await ways.send({ body: { query: MINIMAL }, accept, headers });
      await over();
      expect(ours.body()).toBe(theirs.body());
      expect(ours.head().split(' ')[1]).toBe(theirs.head().split(' ')[1]);
    }
  }
});

it('both ways take the cursor of the last event of a client that reconnects', async () => {
  await using ways = await openWays();
  for (const analog of [false, true, false]) await ways.set(1, analog);
  for (const [seq, first] of [
    [2, 3],
    [1, 2],
  ] as const) {
    const headers = `Last-Event-ID: ${ways.cursor(seq)}\r\n`;
    const body = { query: FOLLOW, variables: { after: ways.cursor(0) } };
    const { ours, theirs, events } = await ways.send({ body, headers });
    await events(3 - seq);
    expect(ours.body()).toBe(theirs.body());
    expect(ours.body()).toContain(`:\nid: ${ways.cursor(seq)}\n\nevent: next\nid: ${ways.cursor(first)}\n`);
  }
});

it.each([
  ['a fault', () => new Error('inside'), 'INTERNAL_SERVER_ERROR'],
  ['busy storage', () => new StorageError('busy', 'it is busy'), 'STORAGE_BUSY'],
])('both ways send an event that could not be executed, and go on: %s', async (_, problem, code) => {
  let isBroken = false;
  await using ways = await openWays({}, (store) => ({
    flatsById: async (ids) => {
      if (isBroken) throw problem();
      return store.flatsById(ids);
    },
  }));
  const { ours, theirs, events } = await ways.send({ body: { query: EVERYTHING } });
  for (const [i, broken] of [false, true, false].entries()) {
    isBroken = broken;
    await ways.set(1, i === 1);
    await events(i + 1);
  }
  expect(ours.body()).toBe(theirs.body());
  expect(ours.body().match(/"code":"[A-Z_]+"/g)).toEqual([`"code":"${code}"`]);
  expect(ways.lane.faults).toEqual(ways.yoga.faults);
});

it.each([
  ['a fault', () => new Error('inside')],
  ['lost storage', () => new StorageError('lost', 'it is lost')],
])('both ways end a stream whose log cannot be read any more: %s', async (_, problem) => {
  let isBroken = false;
  await using ways = await openWays({}, (store) => ({
    listChanges: async (...args) => {
      const page = await store.listChanges(...args);
      // A read that has begun before may end now.
      if (isBroken) throw problem();
      return page;
    },
  }));
  const { ours, theirs, events, over } = await ways.send({ body: { query: FOLLOW } });
  await ways.set(1, false);
  await events(1);
  isBroken = true;
  await ways.set(1, true);
  await over();
  expect(ours.body()).toBe(theirs.body());
  expect(ours.body().endsWith('event: complete\ndata:\n\n')).toBe(true);
  expect(ways.lane.faults).toEqual(ways.yoga.faults);
});

it('both ways send a comment from time to time, also between events', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using ways = await openWays();
  const { ours, theirs, events } = await ways.send({ body: { query: MINIMAL } });
  const silent = async (pings: number) => {
    for (let i = 0; i < pings; i++) vi.advanceTimersByTime(PING_MS);
    await until(() => [ours, theirs].every((it) => it.body().endsWith('\n\n:\n\n')));
  };
  await silent(2);
  await ways.set(1, false);
  await events(1);
  await silent(1);
  const start = `:\nid: ${ways.cursor(0)}\n\n`;
  const event = `event: next\nid: ${ways.cursor(1)}\ndata: {"data":{"intercomFlatChanged":{"cursor":"${ways.cursor(1)}"}}}\n\n`;
  await until(() => ours.body() === `${start}:\n\n:\n\n${event}:\n\n`);
  expect(theirs.body()).toBe(ours.body());
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { selectionVariables } from '../../src/graphql/engine/selection-variables.ts';
import { createGraphQLDoor } from '../../src/graphql/http/door.ts';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import type { Exchange } from '../../src/http/exchange/exchange.ts';
import type { Store } from '../../src/store/store.ts';
import { type DoorOptions, openDoor } from '../support/door.ts';
import { TESTER } from '../support/origin.ts';
import { rawPost } from '../support/raw-stream.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, NOON, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A door on a store of the building, which counts how often flats are read for events, and who reads the head of the log just now. */
async function openCounted(options: DoorOptions = {}) {
  const database = await tempDatabase();
  const real = await database.open({ now: () => NOON });
  await real.importRows(TESTER, BUILDING);
  await database.forgetImports();
  const counts = { flatReads: 0, logReads: 0, headReads: 0 };
  const store: Store = {
    ...real,
    flatsById(ids) {
      counts.flatReads++;
      return real.flatsById(ids);
    },
    listChanges(...args) {
      counts.logReads++;
      return real.listChanges(...args);
    },
    async changesHead() {
      counts.headReads++;
      const head = await real.changesHead();
      counts.headReads--;
      return head;
    },
  };
  const door = await openDoor(createGraphQLDoor, store, options);
  return {
    url: door.url,
    faults: door.faults,
    store,
    counts,
    cursor: (seq: number) => formatCursor({ epoch: store.epoch, seq }),
    async set(flatId: number, analog: boolean) {
      const update = { ref: { by: 'id', flatId } as const, acceptedVersions: undefined, reason: null };
      await real.amend({ actor: 'local', channel: 'REST' }, [{ ...update, patch: { analog } }]);
    },
    /** Changes flat 1 so many times. */
    async toggle(times: number) {
      const ref = { by: 'id', flatId: 1 } as const;
      for (let done = 0; done < times; done += 500) {
        const updates = Array.from({ length: 500 }, (_, i) => ({
          ...{ ref, patch: { analog: i % 2 === 1 }, acceptedVersions: undefined, reason: 'я'.repeat(500) },
        }));
        await real.amend({ actor: 'local', channel: 'REST' }, updates);
      }
    },
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      await real[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

it('followers of one document share events, and each gets exactly its own, whatever its filter, token and language', async () => {
  await using world = await start({ flats: BUILDING });
  const query = `subscription ($intercomId: ID, $flatId: ID, $after: String) {
    intercomFlatChanged(intercomId: $intercomId, flatId: $flatId, after: $after) { cursor flatId intercomFlat { version } }
  }`;
  const cursor = (seq: number) => formatCursor({ epoch: world.store.epoch, seq });
  const event = (seq: number, flatId: number, version: number) => ({
    data: { intercomFlatChanged: { cursor: cursor(seq), flatId: String(flatId), intercomFlat: { version } } },
  });
  const [writer, one, other] = [
    await world.bearer('write'),
    await world.bearer('read', 'a'),
    await world.bearer('read', 'b'),
  ];
  const russian = { 'accept-language': 'ru' };
  const followers = [
    { variables: {}, headers: one, seqs: [0, 1, 2] },
    { variables: {}, headers: { ...other, ...russian }, seqs: [0, 1, 2] },
    { variables: { intercomId: 1 }, headers: other, seqs: [0, 2] },
    { variables: { flatId: 3, intercomId: null }, headers: { ...one, ...russian }, seqs: [1] },
    { variables: { intercomId: '2', after: cursor(0) }, headers: writer, seqs: [1] },
  ];
  const streams = await Promise.all(
    followers.map(({ variables, headers }) => subscribe(world.url, query, variables, headers)),
  );
  for (const flat_id of [1, 3, 2]) await world.patch({ flat_id, is_analog_line_available: false }, writer);
  const all = [event(1, 1, 2), event(2, 3, 2), event(3, 2, 2)];
  for (const [i, { seqs }] of followers.entries()) {
    expect(await take(streams[i] as never, seqs.length)).toEqual(seqs.map((it) => all[it]));
  }
  for (const it of streams) it.close();
  expect(world.faults).toEqual([]);
});

it('an error before the stream is in the language of its caller, whoever else follows', async () => {
  await using world = await openCounted({ beginStream: () => false });
  const query = 'subscription { intercomFlatChanged { cursor } }';
  const textOf = async (language: string) => {
    const stream = await subscribe(world.url, query, {}, { 'accept-language': language });
    const [{ errors }] = (await take(stream, 1)) as [{ errors: [{ message: string }] }];
    return errors[0].message;
  };
  const [english, russian] = [await textOf('en'), await textOf('ru')];
  expect([english, /[а-я]/.test(russian)]).toEqual([expect.stringContaining('Too many open subscriptions'), true]);
});

it('twenty followers of one selection take one execution for each change', async () => {
  await using world = await openCounted();
  const query = 'subscription ($id: ID) { intercomFlatChanged(intercomId: $id) { cursor intercomFlat { version } } }';
  const streams = await Promise.all(
    Array.from({ length: 20 }, (_, i) => subscribe(world.url, query, { id: i % 2 === 0 ? 1 : null })),
  );
  // One that has not read where the log ends would read its change by itself.
  await until(() => world.counts.headReads === 0);
  for (const [i, analog] of [false, true, false].entries()) {
    await world.set(1, analog);
    for (const stream of streams) {
      expect(await take(stream, 1)).toMatchObject([
        { data: { intercomFlatChanged: { intercomFlat: { version: i + 2 } } } },
      ]);
    }
    expect(world.counts.flatReads).toBe(i + 1);
  }
  for (const it of streams) it.close();
});

it('one that follows later sees flats as they are then', async () => {
  await using world = await openCounted();
  const query = 'subscription ($after: String) { intercomFlatChanged(after: $after) { intercomFlat { version } } }';
  const event = (version: number) => ({ data: { intercomFlatChanged: { intercomFlat: { version } } } });
  const early = await subscribe(world.url, query);
  await world.set(1, false);
  expect(await take(early, 1)).toEqual([event(2)]);
  await world.set(1, true);
  const late = await subscribe(world.url, query, { after: world.cursor(0) });
  expect(await take(late, 2)).toEqual([event(3), event(3)]);
  for (const it of [early, late]) it.close();
});

it('a variable in the selection, another operation and an alias separate', async () => {
  await using world = await openCounted();
  const document = `subscription A($id: ID, $flat: Boolean!, $n: Int = 1) {
    intercomFlatChanged(flatId: $id) { actor @skip(if: $flat) ...F }
  }
  subscription B { intercomFlatChanged { channel } }
  fragment F on FlatChange { flatId @include(if: $flat) intercomFlat { changes(first: $n) { edges { node { ... on FlatChange { flat } } } } } }`;
  const history = (count: number) => ({ changes: { edges: Array(count).fill({ node: { flat: 10 } }) } });
  const followers: [object, string | undefined, string, object][] = [
    [{ flat: true }, 'A', document, { flatId: '1', intercomFlat: history(1) }],
    [{ flat: false }, 'A', document, { actor: 'local', intercomFlat: history(1) }],
    [{ flat: false, n: 5, id: 1 }, 'A', document, { actor: 'local', intercomFlat: history(2) }],
    [{ flat: false, n: 1, id: 1 }, 'A', document, { actor: 'local', intercomFlat: history(1) }],
    [{}, 'B', document, { channel: 'REST' }],
    [{}, undefined, 'subscription { intercomFlatChanged { it: channel } }', { it: 'REST' }],
  ];
  await world.set(1, false);
  const streams = await Promise.all(
    followers.map(([variables, operationName, query]) =>
      rawPost(world.url, JSON.stringify({ query, variables, operationName }), 'Accept: text/event-stream\r\n'),
    ),
  );
  await until(() => streams.every((it) => it.body() !== ''));
  await world.set(1, true);
  await until(() => streams.every((it) => it.body().includes('event: next')));
  const dataOf = (body: string) => JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? '').data.intercomFlatChanged;
  expect(streams.map((it) => dataOf(it.body()))).toEqual(followers.map(([, , , data]) => data));
  for (const it of streams) it.close();
});

it.each([
  ['subscription ($a: ID, $b: ID) { intercomFlatChanged(intercomId: $a, flatId: $b) { flat } }', []],
  [
    'subscription ($a: ID, $b: Int) { intercomFlatChanged(flatId: $a) { intercomFlat { changes(first: $b) { totalCount } } } }',
    ['b'],
  ],
  ['subscription ($a: Boolean!) { intercomFlatChanged { flat @include(if: $a) ... @skip(if: $a) { reason } } }', ['a']],
  ['subscription ($a: Boolean!, $b: ID) { intercomFlatChanged(flatId: $b) @include(if: $a) { flat } }', ['a']],
  [
    `subscription ($a: ID, $b: Boolean!, $c: Boolean!) { ...R @include(if: $b) }
     fragment R on Subscription { intercomFlatChanged(flatId: $a) { ...F } }
     fragment F on Change { flat @skip(if: $c) }`,
    ['b', 'c'],
  ],
  // A variable that is used in both places.
  [
    'subscription ($a: String) { intercomFlatChanged(after: $a) { intercomFlat { changes(after: $a) { totalCount } } } }',
    ['a'],
  ],
])('the variables of the selection of %s', (text, names) => {
  const { definitions } = parse(text);
  const operation = definitions[0] as Parameters<typeof selectionVariables>[0];
  const fragments = Object.fromEntries(
    definitions.flatMap((it) => (it.kind === 'FragmentDefinition' ? [[it.name.value, it]] : [])),
  );
  expect(selectionVariables(operation, fragments)).toEqual(names);
});

it('a client that leaves frees everything at once, also the first of those that share', async () => {
  const responses: WeakRef<object>[] = [];
  await using world = await openCounted({
    onExchange: ({ response, request }: Exchange) =>
      responses.push(new WeakRef(response), new WeakRef(request), new WeakRef(request.socket)),
  });
  const query = 'subscription ($id: ID) { intercomFlatChanged(intercomId: $id) { cursor } }';
  const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length;
  const follow = (id: number | null) =>
    rawPost(world.url, JSON.stringify({ query, variables: { id } }), 'Accept: text/event-stream\r\n');
  const leaving = await Promise.all(Array.from({ length: 40 }, (_, i) => follow(i % 3 === 0 ? null : i % 3)));
  const stays = await follow(null);
  await until(() => [...leaving, stays].every((it) => it.body() !== ''));
  await world.set(1, false);
  await until(() => stays.body().includes('event: next'));
  const before = timers();
  for (const it of leaving.splice(0)) it.close();
  await until(() => timers() <= before - 40);
  await until(async () => {
    collectGarbage();
    return responses.filter((it) => it.deref()).length === 3;
  });
  await world.set(1, true);
  await until(() => stays.body().split('event: next').length === 3);
  stays.close();
  await until(async () => {
    collectGarbage();
    return responses.every((it) => !it.deref());
  });
});

it('nothing is kept for a slow reader, and it misses nothing', async () => {
  const responses: Exchange['response'][] = [];
  await using world = await openCounted({ onExchange: ({ response }) => responses.push(response) });
  // Their events are longer than what the system holds for both sides.
  const CHANGES = 12_000;
  const query = `subscription ($after: String) { intercomFlatChanged(after: $after) {
    cursor changedAt actor channel reason flatId intercomId flat before { isAnalogLineAvailable } after { isAnalogLineAvailable }
  } }`;
  const body = JSON.stringify({ query, variables: { after: world.cursor(0) } });
  const stream = await rawPost(world.url, body, 'Accept: text/event-stream\r\n');
  await until(() => stream.body() !== '');
  stream.pause();
  await world.toggle(CHANGES);
  const response = responses[0] as Exchange['response'];
  // It reads nothing of the log either, until its reader goes on: the system takes no more for it.
  let reads = 0;
  await until(() => {
    const isStill = response.writableNeedDrain && world.counts.logReads === reads;
    reads = world.counts.logReads;
    return isStill;
  }, 200);
  expect(response.writableLength).toBeLessThan(200_000);
  expect(stream.body().split('event: next').length).toBeLessThan(CHANGES);
  stream.resume();
  await until(() => stream.body().split('event: next').length > CHANGES, 200);
  const cursors = stream.body().match(/(?<=^id: ).*$/gm);
  expect(cursors).toEqual(Array.from({ length: CHANGES + 1 }, (_, i) => world.cursor(i)));
  stream.close();
});

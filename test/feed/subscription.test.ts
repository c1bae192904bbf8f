import { EventSource } from 'eventsource';
import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const FOLLOW = `subscription ($intercomId: ID, $flatId: ID, $after: String) {
  intercomFlatChanged(intercomId: $intercomId, flatId: $flatId, after: $after) {
    cursor flatId after { isAnalogLineAvailable } intercomFlat { version }
  }
}`;

const cursor = (world: World, seq: number) => formatCursor({ epoch: world.store.epoch, seq });
const event = (world: World, seq: number, flatId: number, analog: boolean, version: number) => ({
  data: {
    intercomFlatChanged: {
      cursor: cursor(world, seq),
      flatId: String(flatId),
      after: { isAnalogLineAvailable: analog },
      intercomFlat: { version },
    },
  },
});
const set = (world: World, flat_id: number, analog: boolean) =>
  world.patch({ flat_id, is_analog_line_available: analog });

describe('intercomFlatChanged', () => {
  it('starts now, and tells each change as it comes', async () => {
    await using world = await start({ flats: BUILDING });
    await set(world, 1, false);
    const stream = await subscribe(world.url, FOLLOW);
    await set(world, 1, true);
    expect(await take(stream, 1)).toEqual([event(world, 2, 1, true, 3)]);
    await set(world, 3, false);
    expect(await take(stream, 1)).toEqual([event(world, 3, 3, false, 2)]);
    stream.close();
  });

  it('starts after a cursor, goes through what is in the log, and on with what comes', async () => {
    await using world = await start({ flats: BUILDING });
    const { changesHead } = (await world.gql('{ changesHead }')).data;
    expect(changesHead).toBe(cursor(world, 0));
    for (const analog of [false, true, false]) await set(world, 2, analog);
    const stream = await subscribe(world.url, FOLLOW, { after: cursor(world, 1) });
    expect((await take(stream, 2)).map((it) => JSON.stringify(it))).toEqual([
      JSON.stringify(event(world, 2, 2, true, 4)),
      JSON.stringify(event(world, 3, 2, false, 4)),
    ]);
    await set(world, 1, false);
    expect(await take(stream, 1)).toEqual([event(world, 4, 1, false, 2)]);
    stream.close();
  });

  it.each([
    ['one intercom', { intercomId: 1 }, [1, 3]],
    ['one flat', { flatId: 3 }, [2]],
    ['a flat and its intercom', { intercomId: 2, flatId: 3 }, [2]],
    ['everything', {}, [1, 2, 3]],
  ])('follows %s', async (_, variables, seqs) => {
    await using world = await start({ flats: BUILDING });
    const live = await subscribe(world.url, FOLLOW, variables);
    await set(world, 1, false);
    await set(world, 3, false);
    await set(world, 2, false);
    const late = await subscribe(world.url, FOLLOW, { ...variables, after: cursor(world, 0) });
    for (const stream of [live, late]) {
      const events = (await take(stream, seqs.length)) as { data: { intercomFlatChanged: { cursor: string } } }[];
      expect(events.map((it) => it.data.intercomFlatChanged.cursor)).toEqual(seqs.map((seq) => cursor(world, seq)));
      stream.close();
    }
  });

  it('tells of changes that another process makes', async () => {
    await using world = await start({ flats: BUILDING });
    const stream = await subscribe(world.url, FOLLOW);
    await using other = await world.open();
    await other.amend({ actor: 'other', channel: 'IMPORT' }, [
      { ref: { by: 'id', flatId: 2 }, patch: { analog: false }, acceptedVersions: undefined, reason: null },
    ]);
    expect(await take(stream, 1)).toEqual([event(world, 1, 2, false, 2)]);
    stream.close();
  });

  it('is told not to be held back or kept by anybody in between', async () => {
    await using world = await start({ flats: BUILDING });
    const stream = await subscribe(world.url, FOLLOW);
    expect([
      stream.status,
      ...['content-type', 'cache-control', 'x-accel-buffering'].map((it) => stream.headers.get(it)),
    ]).toEqual([200, 'text/event-stream', 'no-cache', 'no']);
    stream.close();
  });

  it('is cut, not completed, when the service stops, so that clients come back', async () => {
    const world = await start({ flats: BUILDING });
    const stream = await subscribe(world.url, FOLLOW);
    const next = stream.events.next();
    const cut = expect(next).rejects.toThrow('terminated');
    await world[Symbol.asyncDispose]();
    await cut;
  });

  it.each([
    ['no cursor', () => 'nonsense', 'BAD_USER_INPUT'],
    ['a cursor of another log', () => formatCursor({ epoch: '00ff', seq: 0 }), 'CURSOR_EXPIRED'],
    ['a cursor past the head', (world: World) => cursor(world, 1), 'CURSOR_EXPIRED'],
  ])('refuses %s, as the list does', async (_, given, code) => {
    await using world = await start({ flats: BUILDING });
    const stream = await subscribe(world.url, FOLLOW, { after: given(world) });
    expect(await take(stream, 1)).toMatchObject([{ errors: [{ extensions: { code } }] }]);
    const list = await world.gql('query ($after: String) { changes(after: $after) { edges { cursor } } }', {
      after: given(world),
    });
    expect(list.errors).toMatchObject([{ extensions: { code } }]);
    expect(world.faults).toEqual([]);
  });
});

describe('a client of the shelf', () => {
  it('graphql-sse follows', async () => {
    await using world = await start({ flats: BUILDING });
    const client = createClient({ url: `${world.url}/graphql`, retryAttempts: 0 });
    const query = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor } }';
    const events = client.iterate({ query, variables: { after: cursor(world, 0) } });
    await set(world, 1, false);
    await set(world, 1, true);
    expect([(await events.next()).value, (await events.next()).value]).toEqual(
      [1, 2].map((seq) => ({ data: { intercomFlatChanged: { cursor: cursor(world, seq) } } })),
    );
    await events.return?.();
    client.dispose();
  });

  it('EventSource follows', async () => {
    await using world = await start({ flats: BUILDING });
    const query = 'subscription { intercomFlatChanged { cursor flatId } }';
    const source = new EventSource(`${world.url}/graphql?query=${encodeURIComponent(query)}`);
    const first = new Promise<string>((resolve) => {
      source.addEventListener('next', (message) => resolve(message.data));
    });
    await new Promise<void>((resolve) => {
      source.onopen = () => resolve();
    });
    await set(world, 3, false);
    expect(JSON.parse(await first)).toEqual({
      data: { intercomFlatChanged: { cursor: cursor(world, 1), flatId: '3' } },
    });
    source.close();
  });
});

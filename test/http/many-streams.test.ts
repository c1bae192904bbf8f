import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { beside, nobodyHeldUp } from '../support/beside.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

const FOLLOW = 'subscription { intercomFlatChanged { flatId } }';
const REFUSED = {
  message: 'Too many open subscriptions of this caller; end one of them first.',
  extensions: { code: 'TOO_MANY_STREAMS' },
};

describe('streams of one caller', () => {
  it('are as many as the limit allows; those of others go on, and one that ends makes room at once', async () => {
    await using world = await start({ flats: BUILDING, limits: { streamsPerCaller: 2 } });
    const [one, other] = [await world.bearer('read', 'one'), await world.bearer('read', 'other')];
    const first = await subscribe(world.url, FOLLOW, {}, one);
    const second = await subscribe(world.url, FOLLOW, {}, one);
    expect(await take(await subscribe(world.url, FOLLOW, {}, one), 2)).toEqual([{ errors: [REFUSED] }]);
    expect(await world.gql(FOLLOW, {}, { ...one, accept: 'text/event-stream, application/json' })).toMatchObject({
      status: 429,
      errors: [REFUSED],
    });
    const write = await world.bearer('write');
    const others = await subscribe(world.url, FOLLOW, {}, other);
    first.close();
    let isAnalog = true;
    await until(async () => {
      isAnalog = !isAnalog;
      const again = await subscribe(world.url, FOLLOW, {}, one);
      await world.patch({ flat_id: 1, is_analog_line_available: isAnalog }, write);
      return JSON.stringify(await take(again, 1)) !== JSON.stringify([{ errors: [REFUSED] }]);
    });
    expect(await take(second, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
    expect(await take(others, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
    expect(world.faults).toEqual([]);
  });

  it('end with their connection, also where a request waits behind one', async () => {
    await using world = await start({ flats: BUILDING, limits: { streamsPerCaller: 1 } });
    const url = `/graphql?query=${encodeURIComponent(FOLLOW)}`;
    const get = (accept: string) => `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n\r\n`;
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    socket.write(get('text/event-stream'));
    // Whoever asks for metrics is in the log, too.
    await until(() => isOpen(world.url));
    expect(world.requests.filter((it) => it.includes('"door":"graphql"'))).toEqual([]);
    // The server cuts a connection with these at its next look, if the client does not.
    await new Promise((resolve) => socket.write(get('text/event-stream').repeat(4), resolve));
    socket.destroy();
    await until(async () => !(await isOpen(world.url)));
  });
});

it('a bulk that 420 streams follow holds nobody up', async () => {
  await using database = await tempDatabase();
  {
    await using store = await database.open();
    await store.importRows(
      TESTER,
      Array.from({ length: 1_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} })),
    );
  }
  await using server = await spawnServer('', database.env);
  const streams = await Promise.all(Array.from({ length: 420 }, () => subscribe(server.url, FOLLOW)));
  let seen = 0;
  const all = streams.map(async (it) => {
    for await (const _ of it.events) seen++;
  });
  const updates = Array.from({ length: 1_000 }, (_, i) => ({ flatId: i + 1, isAnalogLineAvailable: false }));
  const bulk =
    'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
  const work = async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: bulk, variables: { updates } });
    expect((await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).status).toBe(200);
    await until(() => seen > 2_000);
  };
  const met = await beside(server.url, server.child.pid, work);
  for (const it of streams) it.close();
  await Promise.allSettled(all);
  // The followers, of which each gets 250 events at once, keep a core busy by themselves, and the probe waits for it.
  expect(met).toEqual(nobodyHeldUp(600, 1_500));
});

async function isOpen(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return /intercom_flats_subscribers [1-9]/.test(text);
}

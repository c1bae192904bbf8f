import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TESTER } from '../support/origin.ts';
import { served } from '../support/served.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';
import { initSocket, openSocket, PROTOCOL, type SocketClient, subscribing } from '../support/web-socket.ts';

afterEach(() => void vi.restoreAllMocks());

const FOLLOW = 'subscription { intercomFlatChanged { cursor reason flatId after { isAnalogLineAvailable } } }';

/** How many bytes wait at the most on one of the service's connections. */
const waiting = ({ url }: World): number => Math.max(0, ...served(url).map((it) => it.writableLength));

/** Stops reading, so that what is sent waits on the other side. */
const stall = ({ socket }: SocketClient): void => socket.pause();

const isOpen = ({ socket }: SocketClient): boolean => socket.readyState === socket.OPEN;

/** Changes flat 1 so many times, with a reason of some length. */
async function toggle({ store }: World, times: number): Promise<void> {
  const ref = { by: 'id', flatId: 1 } as const;
  const updates = Array.from({ length: times }, (_, i) => ({
    ...{ ref, patch: { analog: i % 2 === 1 }, acceptedVersions: undefined, reason: 'x'.repeat(400) },
  }));
  await store.amend({ actor: 'local', channel: 'REST' }, updates);
}

/** A frame of a client, as bytes; `announced` may be more than what follows. */
function frame(payload: string, { fin = true, opcode = 1, announced = Buffer.byteLength(payload) } = {}): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(announced), 2);
  // A mask of zeros changes nothing.
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** The code of a close in frames of the service, which are short. */
function closeCodeIn(frames: Buffer): number | undefined {
  for (let at = 0; at + 4 <= frames.length; at += 2 + (frames[at + 1] as number)) {
    if (frames[at] === 0x88) return frames.readUInt16BE(at + 2);
  }
  return undefined;
}

/** A WebSocket as a bare connection, which may send anything. */
async function rawSocket(world: World, init = true) {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  let received = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${PROTOCOL}\r\n\r\n`,
  );
  await until(() => received.includes('\r\n\r\n'));
  if (init) {
    socket.write(frame('{"type":"connection_init"}'));
    await until(() => received.includes('connection_ack'));
  }
  received = Buffer.alloc(0);
  return {
    socket,
    closed,
    /** The code of the close that came first, if one did. */
    closeCode: () => closeCodeIn(received),
    received: () => received,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

describe('a WebSocket that', () => {
  it('subscribes 10,000 times gets as many as the limit allows, and holds nobody up', async () => {
    await using world = await start({ flats: BUILDING, limits: { streamsPerSocket: 20 } });
    using client = await initSocket(world.url);
    const all = Array.from({ length: 10_000 }, (_, i) => subscribing(String(i), FOLLOW));
    client.send(...all);
    let most = 0;
    while (client.messages.length < 9_981) {
      const before = world.requests.length;
      expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
      most = Math.max(most, world.requests.length - before);
      await pause(50);
    }
    // Each message has a turn of its own, so that others are served between any two of them.
    expect(most).toBeLessThan(100);
    const refused = client.messages.slice(1);
    expect(refused.every((it) => JSON.stringify(it.payload).includes('TOO_MANY_STREAMS'))).toBe(true);
    expect(new Set(refused.map((it) => it.id)).size).toBe(9_980);
    await toggle(world, 1);
    await until(() => client.messages.filter((it) => it.type === 'next').length === 20);
    // Each that ends makes room.
    client.send({ type: 'complete', id: '0' }, subscribing('again', FOLLOW));
    await toggle(world, 1);
    client.socket.close();
    await until(async () => (await (await fetch(`${world.url}/metrics`)).text()).includes('subscribers 0\n'));
    expect(world.faults).toEqual([]);
  });

  it('takes no events is not sent more, and is cut; others are not held up', async () => {
    await using world = await start({ flats: BUILDING, limits: { readerTimeout: 1_000 } });
    using slow = await initSocket(world.url);
    using quick = await initSocket(world.url);
    slow.send(...Array.from({ length: 50 }, (_, i) => subscribing(String(i), FOLLOW)));
    quick.send(subscribing('q', FOLLOW));
    await until(async () => (await (await fetch(`${world.url}/metrics`)).text()).includes('subscribers 51\n'));
    stall(slow);
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, waiting(world));
    }, 5);
    for (let i = 0; i < 4; i++) await toggle(world, 500);
    await quick.of('q', 2_000);
    await until(() => served(world.url).length <= 3);
    clearInterval(looking);
    // Fifty followers of 2,000 events would take 60 MB.
    expect(most).toBeLessThan(500_000);
    expect(isOpen(quick)).toBe(true);
  });

  it('asks and reads no answers is not read either, and is cut', async () => {
    await using world = await start({ flats: BUILDING, limits: { readerTimeout: 1_000 } });
    await toggle(world, 500);
    using raw = await rawSocket(world);
    raw.socket.pause();
    const query = '{ changes(first: 500) { edges { node { reason } } } }';
    for (let i = 0; i < 1_000; i++) raw.socket.write(frame(JSON.stringify(subscribing(String(i), query))));
    let most = 0;
    await until(() => {
      most = Math.max(most, waiting(world));
      return served(world.url).length === 0;
    });
    // A thousand answers would take 200 MB.
    expect(most).toBeLessThan(500_000);
    // Most of its requests were never read.
    expect(world.requests.length).toBeLessThan(900);
    expect(world.faults).toEqual([]);
  });

  it('announces a huge frame, or sends one in a million pieces, is closed before it is held', async () => {
    await using world = await start({ limits: { graphqlBody: 100_000 } });
    for (const announced of [100_001, 2 ** 40]) {
      using raw = await rawSocket(world);
      raw.socket.write(frame('{', { announced }));
      await raw.closed;
      expect(raw.closeCode()).toBe(1009);
    }
    using raw = await rawSocket(world);
    raw.socket.write(frame('x'.repeat(50_000), { fin: false }));
    raw.socket.write(frame('x'.repeat(60_000), { fin: false, opcode: 0 }));
    await raw.closed;
    expect(raw.closeCode()).toBe(1009);
    using pieces = await rawSocket(world);
    pieces.socket.write(frame('', { fin: false }));
    for (let i = 0; i < 200 && !pieces.socket.destroyed; i++) {
      pieces.socket.write(Buffer.concat(Array.from({ length: 200 }, () => frame('', { fin: false, opcode: 0 }))));
    }
    await pieces.closed;
    expect(pieces.closeCode()).toBe(1008);
  });

  it('sends what is no text, or what is not masked, is closed', async () => {
    await using world = await start();
    for (const [bytes, code] of [
      [Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
      [Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
      [Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
    ] as const) {
      using raw = await rawSocket(world);
      raw.socket.write(bytes);
      await raw.closed;
      expect(raw.closeCode()).toBe(code);
    }
    expect(world.faults).toEqual([]);
  });

  it('holds a large message back shares the memory for large bodies with others', async () => {
    await using world = await start({ flats: BUILDING, limits: { bodiesKept: 1_000_000 } });
    using first = await rawSocket(world);
    first.socket.write(frame('x'.repeat(900_000), { announced: 2_000_000 }));
    const large = { ...subscribing('a', '{ __typename }', { a: 'x'.repeat(400_000) }) };
    await until(async () => {
      using other = await initSocket(world.url);
      other.send(large);
      const closed = await Promise.race([other.closed, other.of('a', 1)]);
      return closed[0] === 1013;
    });
    // Small ones are always served.
    using small = await initSocket(world.url);
    small.send(subscribing('a', '{ __typename }', { a: 'x'.repeat(30_000) }));
    await small.of('a', 2);
    first.socket.destroy();
    await until(async () => {
      using other = await initSocket(world.url);
      other.send(large, { ...large, id: 'b' });
      await Promise.race([other.closed, other.of('b', 1)]);
      return other.messages.some((it) => it.id === 'b');
    });
  });

  it('begins a message and does not end it is closed; pings in between count as nothing', async () => {
    await using world = await start({ limits: { requestTimeout: 20_000 } });
    const intervals = vi.spyOn(globalThis, 'setInterval');
    using raw = await rawSocket(world);
    using pinging = await rawSocket(world);
    const ticks = intervals.mock.calls.flatMap(([tick, ms]) => (ms === 12_000 ? [tick] : []));
    raw.socket.write(frame('{"type":"pi', { announced: 20 }));
    const now = performance.now.bind(performance);
    for (let i = 1; i <= 3; i++) {
      pinging.socket.write(Buffer.concat([Buffer.from([0x89, 0x80 | 100, 0, 0, 0, 0]), Buffer.alloc(100)]));
      // A pong has two bytes beside its payload, and a ping of the service has no other.
      await until(() => pinging.received().length >= 102 * i);
      vi.spyOn(performance, 'now').mockImplementation(() => now() + i * 12_000);
      for (const tick of ticks) tick();
    }
    await raw.closed;
    expect(raw.closeCode()).toBe(1008);
    expect(pinging.socket.destroyed).toBe(false);
  });

  it('does not answer a close is cut, so that a stop takes no longer', async () => {
    const world = await start();
    using raw = await rawSocket(world);
    using silent = await rawSocket(world, false);
    const began = performance.now();
    await world[Symbol.asyncDispose]();
    // After that all connections are cut.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect([raw.closeCode(), silent.closeCode()]).toEqual([1001, 1001]);
  });
});

it('long queries of a socket are answered by other threads like those of HTTP; a process that stops closes it', async () => {
  await using database = await tempDatabase();
  {
    await using store = await database.open();
    await store.importRows(
      TESTER,
      Array.from({ length: 1_000 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} })),
    );
  }
  await using server = await spawnServer('', database.env);
  using client = await initSocket(server.url);
  const query = `{ intercomFlats(first: 500) { edges { cursor node { id flat intercom { title } properties { isAnalogLineAvailable } } } } }`;
  const http = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = await http.json();
  const updates = Array.from({ length: 1_000 }, (_, i) => ({ flatId: i + 1, isAnalogLineAvailable: false }));
  const bulk =
    'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
  client.send(
    subscribing('a', query),
    subscribing('b', `${query}${' '.repeat(10_000)}`),
    subscribing('c', '{ nothing }'),
    subscribing('s', `${FOLLOW}${' '.repeat(10_000)}`),
    subscribing('d', bulk, { updates }),
  );
  await client.of('d', 2);
  expect((await client.of('a', 2))[0]?.payload).toEqual(answer);
  expect((await client.of('b', 2))[0]?.payload).toEqual(answer);
  expect((await client.of('c', 1))[0]?.type).toBe('error');
  await client.of('s', 1_000);
  server.child.kill('SIGTERM');
  expect(await client.closed).toEqual([1001, 'The service stops.']);
  expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
});

it('sockets that nobody speaks on count as connections', async () => {
  await using world = await start({ limits: { connections: 20 } });
  const clients: SocketClient[] = [];
  for (let i = 0; i < 20; i++) clients.push(await openSocket(world.url));
  const refused = await rawAnswer(world);
  expect(refused).toContain('HTTP/1.1 503 Service Unavailable');
  for (const it of clients) it.socket.terminate();
  await until(async () => (await rawAnswer(world)).includes('HTTP/1.1 200'));
});

async function rawAnswer(world: World): Promise<string> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  return text;
}

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import { served } from '../support/served.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

/** No other process holds a lock for so long. */
const LOCK_TIMEOUT_MS = 1_000_000;

const PAGE = 'GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n';

const patch = (body: object): string => {
  const json = JSON.stringify(body);
  return `PATCH ${REST_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
};

/** A connection of which nothing is read until `flow` is called. */
async function connection(world: World) {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let bytes = 0;
  let text = '';
  return {
    socket,
    bytes: () => bytes,
    text: () => text,
    flow: () =>
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        text += chunk.length < 100_000 ? chunk.toString('latin1') : '';
      }),
  };
}

/** What a connection of the service is made of. */
const handleOf = ({ url }: World) =>
  (served(url)[0] as unknown as { _handle: { readonly bytesWritten: number; readonly writeQueueSize: number } })
    ._handle;

/** How many bytes the system has taken of what the service sends on its only connection. */
function taken(world: World): number {
  const { bytesWritten, writeQueueSize } = handleOf(world);
  return bytesWritten - writeQueueSize;
}

/** Lets time pass for a service that is started after it, whose looks at its connections come after each step. */
function readerClock() {
  const intervals = vi.spyOn(globalThis, 'setInterval');
  const now = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return {
    advance(ms: number) {
      ahead += ms;
      for (const [look, every] of intervals.mock.calls) if (every === 1_000) look();
    },
  };
}

describe.concurrent('requests that come together on one connection', () => {
  it('are served one after the other, in their order', async () => {
    await using world = await start({ flats: BUILDING, lockTimeoutMs: LOCK_TIMEOUT_MS });
    const lock = await world.lock();
    const { socket, text, flow } = await connection(world);
    flow();
    socket.write([0, 1, 2].map((i) => patch({ flat_id: 1, is_analog_line_available: i % 2 === 1 })).join(''));
    await until(async () => (await world.store.waitingEdits()) > 0);
    await pause(50);
    expect(await world.store.waitingEdits()).toBe(1);
    await lock[Symbol.asyncDispose]();
    await until(() => text().split('HTTP/1.1 200').length === 4);
    expect(text().match(/ETag: "\d+"/gi)).toEqual(['ETag: "2"', 'ETag: "3"', 'ETag: "4"']);
    socket.destroy();
  });

  it('are served up to a hundred; the last answer says so, and the rest is not done', async () => {
    await using world = await start({ flats: BUILDING });
    const { socket, text, flow } = await connection(world);
    flow();
    socket.write(
      Array.from({ length: 250 }, (_, i) => patch({ flat_id: 1, is_analog_line_available: i % 2 === 1 })).join(''),
    );
    await once(socket, 'close');
    expect(text().match(/ETag: "\d+"/gi)).toHaveLength(100);
    expect(text().match(/Connection: close/gi)).toHaveLength(1);
    expect(text().lastIndexOf('HTTP/1.1')).toBeLessThan(text().indexOf('Connection: close'));
    expect((await world.patch({ flat_id: 1 })).headers.get('etag')).toBe('"101"');
  });

  it('are dropped with their connection', async () => {
    await using world = await start({ flats: BUILDING, lockTimeoutMs: LOCK_TIMEOUT_MS });
    const lock = await world.lock();
    const { socket } = await connection(world);
    socket.write(
      patch({ flat_id: 1, is_analog_line_available: false }) + patch({ flat_id: 2, is_analog_line_available: false }),
    );
    await until(async () => (await world.store.waitingEdits()) > 0);
    socket.destroy();
    await until(() => world.requests.length > 0);
    await lock[Symbol.asyncDispose]();
    await until(async () => (await world.store.waitingEdits()) === 0);
    await pause(50);
    expect(world.requests.map((it) => JSON.parse(it).outcome)).toEqual(['left']);
    expect((await world.patch({ flat_id: 2 })).headers.get('etag')).toBe('"1"');
  });
});

describe.concurrent('a client that takes nothing of its answer', () => {
  const limits = { ...DEFAULT_LIMITS, readerTimeout: 1_000 };

  it('is cut', async () => {
    await using world = await start({ limits });
    const { socket, bytes, flow } = await connection(world);
    socket.write(PAGE);
    await until(() => world.requests.length > 0);
    expect(world.requests.map((it) => JSON.parse(it).outcome)).toEqual(['left']);
    flow();
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(bytes()).toBeLessThan(9_000_000);
  });
});

describe('a client is not cut', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('while it takes a little from time to time', async () => {
    const clock = readerClock();
    await using world = await start();
    const { socket } = await connection(world);
    // More than the system holds for both sides.
    socket.write(PAGE.repeat(5));
    const waits = () => until(() => handleOf(world).writeQueueSize > 0);
    await waits();
    clock.advance(0);
    // Together they are longer than a client may take nothing.
    for (let i = 0; i < 2; i++) {
      const before = taken(world);
      while (taken(world) === before) {
        socket.resume();
        await once(socket, 'data');
        socket.pause();
        // The service writes on.
        await turn();
      }
      await waits();
      clock.advance(20_000);
    }
    socket.resume();
    await until(() => world.requests.length === 5 || socket.closed);
    expect(world.requests.map((it) => JSON.parse(it).outcome)).toEqual(Array(5).fill('ok'));
    socket.destroy();
  });

  it('while there is nothing to take yet', async () => {
    const clock = readerClock();
    await using world = await start({ flats: BUILDING, lockTimeoutMs: LOCK_TIMEOUT_MS });
    const lock = await world.lock();
    const answer = world.patch({ flat_id: 1, is_analog_line_available: false });
    await until(async () => (await world.store.waitingEdits()) > 0);
    for (let i = 0; i < 2; i++) clock.advance(20_000);
    await lock[Symbol.asyncDispose]();
    expect((await answer).status).toBe(200);
  });
});

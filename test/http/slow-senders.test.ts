import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/route.ts';
import { BUILDING, start } from '../support/start.ts';

interface Dripping {
  readonly socket: Socket;
  /** All that was answered until the service ended the connection. */
  readonly ended: Promise<string>;
}

/** Sends the beginning of a request, and then a little at a time without end, whatever the service says to it. */
function drip(url: string, beginning: string, more: string): Dripping {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => {});
  socket.write(beginning);
  const sending = setInterval(() => socket.write(more), 200);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      clearInterval(sending);
      resolve(text);
    });
  });
  return { socket, ended };
}

const slowHeaders = (url: string) => drip(url, `PATCH ${REST_PATH} HTTP/1.1\r\nHost: localhost\r\n`, 'X-More: x\r\n');
const slowBody = (url: string) =>
  drip(url, `PATCH ${REST_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{`, ' ');

it('500 slow senders are told so and cut off, while others are answered and streams go on', async () => {
  await using world = await start({ flats: BUILDING, limits: { headersTimeout: 1_000, requestTimeout: 1_500 } });
  const stream = await fetch(`${world.url}/graphql?query=subscription{intercomFlatChanged{flat}}`, {
    headers: { accept: 'text/event-stream' },
  });
  const slow = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? slowHeaders(world.url) : slowBody(world.url)));
  await Promise.all(slow.map(({ socket }) => socket.connecting && once(socket, 'connect')));

  let ended = false;
  const all = Promise.all(slow.map((it) => it.ended)).finally(() => {
    ended = true;
  });
  let answered = 0;
  while (!ended) {
    expect((await world.patch({ flat_id: 2 })).status).toBe(200);
    answered++;
    await pause(10);
  }
  expect(answered).toBeGreaterThan(20);

  const message = 'The request came too slowly: at most 1 s for the headers, 1.5 s for all of it.';
  const body = JSON.stringify({ message });
  const expected = `HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  expect(new Set(await all)).toEqual(new Set([expected]));

  await world.patch({ flat_id: 1, is_analog_line_available: false });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let events = '';
  while (!events.includes('"flat":10')) events += (await reader?.read())?.value;
  await reader?.cancel();
  expect(world.faults).toEqual([]);
});

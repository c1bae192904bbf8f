import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Dripping, dripBody, dripHeaders } from '../support/drip.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';

/** Begins 500 requests that never end, half of them in their headers. */
async function slowSenders(url: string): Promise<readonly Dripping[]> {
  const slow = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? dripHeaders : dripBody)(url, 200));
  await Promise.all(slow.map(({ socket }) => socket.connecting && once(socket, 'connect')));
  return slow;
}

it('500 slow senders are told so and cut off, while others are answered and streams go on', async () => {
  await using world = await start({ flats: BUILDING, limits: { headersTimeout: 500, requestTimeout: 1_000 } });
  const stream = await subscribe(world.url, 'subscription { intercomFlatChanged { flat } }');
  const slow = await slowSenders(world.url);

  let ended = false;
  const answers = Promise.all(slow.map((it) => it.ended)).finally(() => {
    ended = true;
  });
  let answered = 0;
  async function askAllTheTime(): Promise<void> {
    while (!ended) {
      expect((await world.patch({ flat_id: 2 })).status).toBe(200);
      answered++;
      await pause(10);
    }
  }
  await Promise.all(Array.from({ length: 4 }, askAllTheTime));
  // How many depends on the machine.
  expect(answered).toBeGreaterThan(0);

  const message = 'The request came too slowly: at most 0.5 s for the headers, 1 s for all of it.';
  const body = JSON.stringify({ message });
  const expected = `HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  const withoutId = (await answers).map((it) => it.replace(/X-Request-Id: \S+\r\n/, ''));
  expect(new Set(withoutId)).toEqual(new Set([expected]));

  await world.patch({ flat_id: 1, is_analog_line_available: false });
  expect(await take(stream, 1)).toEqual([{ data: { intercomFlatChanged: { flat: 10 } } }]);
  stream.close();
  expect(world.faults).toEqual([]);
});

it('500 slow senders hold nobody up for as long as they may send', async () => {
  await using world = await start({ flats: BUILDING, limits: { headersTimeout: 100_000, requestTimeout: 100_000 } });
  const slow = await slowSenders(world.url);
  for (let i = 0; i < 20; i++) expect((await world.patch({ flat_id: 2 })).status).toBe(200);
  expect(slow.filter(({ socket }) => socket.destroyed)).toEqual([]);
  for (const { socket } of slow) socket.destroy();
});

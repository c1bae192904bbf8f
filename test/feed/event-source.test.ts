import { setTimeout as pause } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

const addressOf = (url: string, query: string) => `${url}/graphql?query=${encodeURIComponent(query)}`;

/** The flats and lines of the changes that a browser's EventSource saw; it is left to reconnect by itself. */
function follow(url: string, query: string) {
  const seen: unknown[] = [];
  let opened = 0;
  const source = new EventSource(addressOf(url, query));
  source.addEventListener('open', () => opened++);
  source.addEventListener('next', ({ data }) => {
    seen.push(JSON.parse(data).data);
  });
  return {
    seen,
    opened: () => opened,
    [Symbol.dispose]: () => source.close(),
  };
}

const patch = async (url: string, flatId: number, analog: boolean) => {
  const response = await fetch(`${url}/api/v1/billing/intercom-flats`, {
    method: 'PATCH',
    body: JSON.stringify({ flat_id: flatId, is_analog_line_available: analog }),
  });
  expect(response.status).toBe(200);
};

it('an EventSource loses and repeats nothing over restarts, also of a server that it has heard nothing from', async () => {
  await using database = await tempDatabase();
  const env = { ...database.env, PORT: String(await freePort()) };
  {
    await using store = await database.open();
    await store.importRows(TESTER, BUILDING);
    await database.forgetImports();
  }
  // The cursor is not asked for: the id of the event is enough. Aliases change nothing.
  const query = 'subscription { it: intercomFlatChanged { number: flatId after { isAnalogLineAvailable } } }';
  const event = (flatId: number, analog: boolean) => ({
    it: { number: String(flatId), after: { isAnalogLineAvailable: analog } },
  });
  await using first = await spawnServer('', env);
  using follower = follow(first.url, query);
  await until(() => follower.opened() === 1);
  // It was told where it started, and has seen nothing since.
  first.child.kill('SIGKILL');
  await first.exit;
  {
    await using store = await database.open();
    const update = { ref: { by: 'id', flatId: 2 } as const, acceptedVersions: undefined, reason: null };
    await store.amend({ actor: 'other', channel: 'CLI' }, [{ ...update, patch: { analog: false } }]);
  }
  await using second = await spawnServer('', env);
  await until(() => follower.seen.length === 1);
  await patch(second.url, 1, false);
  await until(() => follower.seen.length === 2);
  second.child.kill('SIGTERM');
  await second.exit;
  await using third = await spawnServer('', env);
  await patch(third.url, 1, true);
  await until(() => follower.seen.length === 3);
  await pause(50);
  expect(follower.seen).toEqual([event(2, false), event(1, false), event(1, true)]);
});

it('Last-Event-ID wins over after, and an empty one counts as none', async () => {
  await using world = await start({ flats: BUILDING });
  for (const analog of [false, true, false]) await world.patch({ flat_id: 1, is_analog_line_available: analog });
  const cursor = (seq: number) => formatCursor({ epoch: world.store.epoch, seq });
  const query = `subscription { intercomFlatChanged(after: "${cursor(0)}") { cursor } }`;
  const firstOf = async (lastEventId: string) => {
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId };
    const response = await fetch(addressOf(world.url, query), { headers, signal: leaving.signal });
    let text = '';
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(bytes).toString();
      if (text.includes('event: next')) break;
    }
    leaving.abort();
    return text;
  };
  const event = (seq: number) =>
    `event: next\nid: ${cursor(seq)}\ndata: {"data":{"intercomFlatChanged":{"cursor":"${cursor(seq)}"}}}\n\n`;
  expect((await firstOf('')).startsWith(`:\nid: ${cursor(0)}\n\n${event(1)}`)).toBe(true);
  expect(await firstOf(cursor(2))).toBe(`:\nid: ${cursor(2)}\n\n${event(3)}`);
  expect(await firstOf('nonsense')).toContain(
    '"message":"Last-Event-ID is not a cursor of the log; send one that an answer gave."',
  );
  expect(await firstOf(formatCursor({ epoch: 'abc', seq: 1 }))).toContain('"code":"CURSOR_EXPIRED"');
});

it('a subscription for a client that takes no stream says what to send', async () => {
  await using world = await start({ flats: BUILDING });
  const query = 'subscription { intercomFlatChanged { cursor } }';
  for (const send of [
    (accept: string) => fetch(addressOf(world.url, query), { headers: { accept } }),
    (accept: string) =>
      fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
  ]) {
    for (const accept of [
      'application/json',
      'application/graphql-response+json',
      'multipart/mixed',
      'multipart/mixed;deferSpec=20220824',
      'multipart/mixed;subscriptionSpec=2.0',
    ]) {
      const response = await send(accept);
      const message =
        'A subscription is answered as a stream: send the header Accept: text/event-stream, or multipart/mixed;subscriptionSpec=1.0.';
      expect([response.status, await response.json()]).toEqual([
        406,
        { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] },
      ]);
    }
  }
});

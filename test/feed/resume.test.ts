import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { subscribe } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';

const FOLLOW = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor } }';

/** Toggles the analog line of flat 1 so many times, in calls of 100. */
async function toggle(store: Store, times: number): Promise<void> {
  const ref = { by: 'id', flatId: 1 } as const;
  for (let done = 0; done < times; done += 100) {
    const updates = Array.from({ length: 100 }, (_, i) => ({
      ...{ ref, patch: { analog: i % 2 === 1 }, acceptedVersions: undefined, reason: null },
    }));
    await store.amend({ actor: 'tester', channel: 'CLI' }, updates);
    await sleep(1);
  }
}

it('loses nothing and tells nothing twice over 50 drops and 10,000 changes', async () => {
  await using world = await start({ flats: BUILDING });
  const cursor = (seq: number) => formatCursor({ epoch: world.store.epoch, seq });
  const CHANGES = 10_000;
  const seen: string[] = [];
  let drops = 0;
  const writing = toggle(world.store, CHANGES);
  while (seen.length < CHANGES) {
    const stream = await subscribe(world.url, FOLLOW, { after: seen.at(-1) ?? cursor(0) });
    // Fifty of these are fewer than all changes.
    let left = drops < 50 ? 1 + ((drops * 71) % 190) : Number.POSITIVE_INFINITY;
    for await (const { data } of stream.events) {
      seen.push((data as unknown as { intercomFlatChanged: { cursor: string } }).intercomFlatChanged.cursor);
      if (--left === 0 || seen.length === CHANGES) break;
    }
    stream.close();
    drops++;
  }
  await writing;
  expect(drops).toBeGreaterThan(50);
  expect(seen).toEqual(Array.from({ length: CHANGES }, (_, i) => cursor(i + 1)));
});

it('goes on after a kill and a restart of the server', async () => {
  await using database = await tempDatabase();
  {
    await using store = await database.open();
    await store.importRows(TESTER, BUILDING);
    await database.forgetImports();
  }
  const patch = (url: string, analog: boolean) =>
    fetch(`${url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      body: JSON.stringify({ flat_id: 1, is_analog_line_available: analog }),
    });
  let last: string | undefined;
  const next = async (stream: Awaited<ReturnType<typeof subscribe>>) => {
    const { value } = await stream.events.next();
    last = (value as unknown as { data: { intercomFlatChanged: { cursor: string } } }).data.intercomFlatChanged.cursor;
    return last;
  };
  const cursors: string[] = [];
  {
    await using server = await spawnServer('', database.env);
    const stream = await subscribe(server.url, FOLLOW);
    await patch(server.url, false);
    cursors.push(await next(stream));
    await patch(server.url, true);
    server.child.kill('SIGKILL');
    await expect(
      (async () => {
        for await (const _ of stream.events);
      })(),
    ).rejects.toThrow('terminated');
  }
  await using server = await spawnServer('', database.env);
  await patch(server.url, false);
  const stream = await subscribe(server.url, FOLLOW, { after: last });
  cursors.push(await next(stream), await next(stream));
  stream.close();
  await using store = await database.open();
  expect(cursors).toEqual([1, 2, 3].map((seq) => formatCursor({ epoch: store.epoch, seq })));
});

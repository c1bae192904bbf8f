import { expect, it } from 'vitest';
import { NOON, start, type World } from '../support/start.ts';

const used = (world: World) => world.rows('select last_used_at used from tokens');

/** Waits for the first of the store's writes to be through, whatever became of it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('the last use of a token is noted once a minute at the most', async () => {
  let now = NOON;
  await using world = await start({ now: () => now });
  const read = await world.bearer('read');
  const ask = () => world.gql('{ changesHead }', {}, read);
  expect(await used(world)).toEqual([{ used: null }]);
  await ask();
  await until(async () => JSON.stringify(await used(world)) !== '[{"used":null}]');
  expect(await used(world)).toEqual([{ used: NOON }]);
  now = NOON + 59_999;
  await ask();
  now = NOON + 60_000;
  await ask();
  await until(async () => JSON.stringify(await used(world)) !== `[{"used":${NOON}}]`);
  expect(await used(world)).toEqual([{ used: NOON + 60_000 }]);
});

it('reading goes on where the last use cannot be noted, and it is not tried again for each request', async () => {
  let now = NOON;
  await using world = await start({ now: () => now, lockTimeoutMs: 500 });
  const read = await world.bearer('read');
  const ask = async () => (await world.gql('{ changesHead }', {}, read)).status;
  const lock = await world.lock();
  for (let i = 0; i < 10; i++) expect(await ask()).toBe(200);
  // A write of its own waits behind that of the use, and both are given up.
  const write = world.bearer('read', 'another');
  await expect(write).rejects.toThrow('locked');
  await lock[Symbol.asyncDispose]();
  expect(await ask()).toBe(200);
  expect(await used(world)).toEqual([{ used: null }]);
  now = NOON + 60_000;
  expect(await ask()).toBe(200);
  await until(async () => JSON.stringify(await used(world)) !== '[{"used":null}]');
  expect(world.faults).toEqual([]);
});

import { expect, it } from 'vitest';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { createChangeFeed } from '../../src/operations/follow-changes.ts';
import { ChangesPrunedError } from '../../src/store/store.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, STORE, start, type World } from '../support/start.ts';

const FOLLOW = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor actor reason changedAt } }';
const LIST = `query ($after: String, $before: String, $first: Int, $last: Int) {
  changes(after: $after, before: $before, first: $first, last: $last) {
    totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor }
  }
}`;
const told = (path?: string[]) => ({
  message: 'The log is not kept as far back as this cursor. Read what you follow anew, and go on from changesHead.',
  locations: expect.any(Array),
  ...(path && { path }),
  extensions: { code: 'CURSOR_EXPIRED' },
});

const cursor = (world: World, seq: number) => formatCursor({ epoch: world.store.epoch, seq });

/** A service with so many changes of flat 1 in its log, the i-th of them at the moment i. */
async function withChanges(count: number): Promise<World> {
  const world = await start({ flats: BUILDING });
  await world.run(
    `insert into changes (seq, changed_at, actor, channel, reason, flat_id, intercom_id, flat, before_smartphone_sip,
       before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
     with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
     select i, i, 'local', 'REST', 'a reason of some length, so that a stream of these fills every buffer soon', 1, 1, 10,
       true, true, true, true, true, false from n`,
  );
  if (STORE === 'postgres') await world.run(`update change_log set seq = ${count}, last_time = ${count}`);
  return world;
}

it('a cursor from before what is kept is told, whoever asks; one at its edge goes on', async () => {
  await using world = await withChanges(20);
  expect(await world.store.prune(12, 1_000)).toBe(12);
  for (const seq of [0, 1, 11]) {
    const variables = { after: cursor(world, seq) };
    expect(await world.gql(LIST, variables)).toEqual({
      ...{ status: 200, data: { changes: null }, errors: [told(['changes'])] },
    });
    const history =
      'query ($after: String) { intercomFlat(by: { flatId: 1 }) { changes(after: $after) { totalCount } } }';
    expect(await world.gql(history, variables)).toMatchObject({ errors: [told(['intercomFlat', 'changes'])] });
    const stream = await subscribe(world.url, FOLLOW, variables);
    expect(await take(stream, 2)).toEqual([{ errors: [told()] }]);
  }
  expect(await world.gql(LIST, { after: cursor(world, 12), first: 1 })).toMatchObject({
    data: { changes: { totalCount: 8, edges: [{ cursor: cursor(world, 13) }] } },
  });
  const stream = await subscribe(world.url, FOLLOW, { after: cursor(world, 12) });
  expect(await take(stream, 1)).toMatchObject([{ data: { intercomFlatChanged: { cursor: cursor(world, 13) } } }]);
  stream.close();
  expect(world.faults).toEqual([]);
});

it('what is kept can be read backwards to its beginning', async () => {
  await using world = await withChanges(20);
  await world.store.prune(12, 1_000);
  const page = async (variables: object) => {
    const { changes } = (await world.gql(LIST, variables)).data;
    const edges = (changes.edges as { cursor: string }[]).map((it) => it.cursor);
    return { edges, ...changes.pageInfo };
  };
  expect(await page({ last: 5, before: cursor(world, 16) })).toEqual({
    ...{ edges: [13, 14, 15].map((seq) => cursor(world, seq)), hasPreviousPage: false, hasNextPage: true },
  });
  expect(await page({ last: 5, before: cursor(world, 13) })).toMatchObject({ edges: [], hasPreviousPage: false });
  expect(await page({ last: 5, before: cursor(world, 3) })).toMatchObject({ edges: [], hasPreviousPage: false });
  expect(await page({ first: 2 })).toMatchObject({ edges: [13, 14].map((seq) => cursor(world, seq)) });
  const times = await world.gql(
    '{ changes(filter: { from: "1970-01-01T00:00:00.005Z", to: "1970-01-01T00:00:00.015Z" }) { edges { cursor } } }',
  );
  expect(times.data.changes.edges).toEqual([13, 14].map((seq) => ({ cursor: cursor(world, seq) })));
});

it('a follower that is overtaken by a prune is told in the middle of its stream, which ends', async () => {
  await using world = await withChanges(40_000);
  const stream = await subscribe(world.url, FOLLOW, { after: cursor(world, 0) });
  const first = await take(stream, 1);
  while ((await world.store.prune(39_990, 10_000)) > 0);
  const events = [...first, ...(await take(stream, 40_000))] as {
    data?: { intercomFlatChanged: { cursor: string } };
  }[];
  expect(events.at(-1)).toEqual({ errors: [told()] });
  const cursors = events.slice(0, -1).map((it) => it.data?.intercomFlatChanged.cursor);
  // Up to there nothing was left out.
  expect(cursors.length).toBeLessThan(39_990);
  expect(cursors).toEqual(Array.from(cursors, (_, i) => cursor(world, i + 1)));
  expect(world.faults).toEqual([]);
});

it('a follower that waits is not told of a prune behind it, and gets the next change', async () => {
  await using world = await withChanges(20);
  // Of another flat: the log has nothing for it, however far it was read.
  const feed = createChangeFeed(world.store);
  const follower = feed.follow({ flatId: 2 }, 5);
  const next = follower.changesAfter(5);
  while (feed.tail !== 20) await new Promise((resolve) => setImmediate(resolve));
  await world.store.prune(19, 1_000);
  const ref = { by: 'id', flatId: 2 } as const;
  const update = { ref, patch: { analog: false }, acceptedVersions: undefined, reason: null };
  await world.store.amend({ actor: 'local', channel: 'REST' }, [update]);
  expect(await next).toMatchObject({ changes: [{ seq: 21, flatId: 2 }] });
  follower.leave();

  const late = createChangeFeed(world.store).follow({ flatId: 2 }, 5);
  await expect(late.changesAfter(5)).rejects.toThrow(ChangesPrunedError);
});

it('the newest change is never taken out, so that time does not go back, and places are not given twice', async () => {
  await using world = await withChanges(5);
  expect(await world.store.prune(5, 1_000)).toBe(4);
  expect(await world.store.prune(5, 1_000)).toBe(0);
  expect((await world.store.listChanges({}, { limit: 9, fromEnd: false })).rows.map((it) => it.seq)).toEqual([5]);
  expect(await world.store.changesHead()).toBe(5);
});

import { expect, it } from 'vitest';
import { findPrunable, pruneChanges } from '../../src/operations/prune-changes.ts';
import { TESTER } from '../support/origin.ts';
import { tempDatabase } from '../support/temp-database.ts';

const ALL = { limit: 500, fromEnd: false } as const;
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const AHEAD = NOW + 3_650 * DAY;

/** The seqs that are left of a log whose rows have these times, when what is older than a day is taken out. */
async function leftOf(times: readonly number[]): Promise<readonly number[]> {
  await using database = await tempDatabase();
  let now = 0;
  await using store = await database.open({ now: () => now });
  await store.importRows(TESTER, [{ intercomId: 1, flat: 1, lines: {} }]);
  await database.forgetImports();
  for (const [index, time] of times.entries()) {
    now = time;
    const patch = { analog: index % 2 === 1 };
    const update = { ref: { by: 'id', flatId: 1 } as const, patch, acceptedVersions: undefined, reason: null };
    await store.amend({ actor: 'x', channel: 'CLI' }, [update]);
  }
  now = NOW;
  const prunable = await findPrunable(store, NOW - DAY, NOW);
  const pruned = await pruneChanges(store, prunable, new AbortController().signal, () => {});
  expect(pruned).toBe(prunable.rows);
  return (await store.listChanges({}, ALL)).rows.map((it) => it.seq);
}

const OLD = NOW - 2 * DAY;
const NEW = NOW - 1_000;

it.each<[string, readonly number[], readonly number[]]>([
  ['what is old', [OLD, OLD + 1, NEW, NEW + 1], [3, 4]],
  ['nothing after the first row that is not old', [OLD, NEW, OLD, OLD, NEW], [2, 3, 4, 5]],
  ['rows of the future before an old one', [OLD, AHEAD, AHEAD + 1, OLD, NEW], [5]],
  ['rows of the future not before one that is not old', [OLD, AHEAD, NEW, OLD], [2, 3, 4]],
  ['rows of the future not at the end', [OLD, OLD, AHEAD, AHEAD], [3, 4]],
  ['nothing where all is new', [NEW, NEW], [1, 2]],
  ['all but the newest where all is old', [OLD, OLD + 1, OLD + 2], [3]],
  ['nothing of a log of one row', [OLD], [1]],
  ['nothing where the clock was ahead from the beginning', [AHEAD, AHEAD], [1, 2]],
  ['nothing of an empty log', [], []],
])('takes %s', async (_, times, left) => {
  expect(await leftOf(times)).toEqual(left);
});

/** The rule, said plainly. */
function expected(times: readonly number[]): readonly number[] {
  const judged = times.map((_, i) => times.slice(i).find((time) => time <= NOW) ?? Number.POSITIVE_INFINITY);
  const first = judged.findIndex((time) => time >= NOW - DAY);
  const end = Math.min(first < 0 ? times.length : first, times.length - 1);
  return times.map((_, i) => i + 1).slice(Math.max(0, end));
}

it('leaves no hole, whatever the clock did', async () => {
  let state = 7;
  const random = (n: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
  for (let round = 0; round < 25; round++) {
    const times = Array.from({ length: random(9) }, () => [OLD, NEW, AHEAD][random(3)] as number);
    expect([times, await leftOf(times)]).toEqual([times, expected(times)]);
  }
});

import { expect, it } from 'vitest';
import { FLAT_ORDERS, type FlatFilter, type FlatPosition, type FlatSort } from '../../src/domain/flat-filter.ts';
import type { Page } from '../../src/domain/page.ts';
import { openStore } from '../../src/store/open.ts';
import { LIMITS } from '../../src/store/sqlite/read/limits.ts';
import { createReads } from '../../src/store/sqlite/read/reads.ts';
import { type Random, randomOf } from '../fuzz/random.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fillHostile, HOSTILE_FILTERS, openTimed } from './hostile-database.ts';

const some = <T>(random: Random, chance: number, value: () => T): T | undefined =>
  random.chance(chance) ? value() : undefined;

/** A filter of up to all conditions, each of which leaves many of the flats, or few, or none. */
function filterOf(random: Random): FlatFilter {
  return {
    intercomId: some(random, 0.2, () => 1 + random.below(12)),
    flat: some(random, 0.1, () => 1 + random.below(40)),
    flatFrom: some(random, 0.2, () => 1 + random.below(40)),
    flatTo: some(random, 0.2, () => 1 + random.below(40)),
    lines: random.chance(0.5) ? {} : { analog: random.chance(0.5), landlineSip: random.chance(0.5) },
    keyCode: some(random, 0.2, () => random.pick(['ALL', 'HALF', 'FEW', 'NONE'])),
    userLogin: some(random, 0.2, () => random.pick(['all', 'half', 'few', 'none'])),
    userLoginPrefix: some(random, 0.2, () => random.pick(['a', 'h', 'fe', 'x'])),
    intercomTitle: some(random, 0.2, () => random.pick(['house', 'house 1', 'nowhere'])),
    changedSince: some(random, 0.2, () => 1_000 + random.below(120)),
  };
}

const positionOf = (random: Random, by: FlatSort['by']): FlatPosition =>
  by === 'INTERCOM' ? [1 + random.below(12), random.below(40)] : [1_000 + random.below(120), random.below(400)];

it('a page and a count are the same, however little one statement may read', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await openStore({ file })[Symbol.asyncDispose]();
  fillHostile(file, { intercoms: 10, flats: 36 });
  using client = openTimed(file);
  const whole = createReads(client.reader);
  const stepwise = createReads(client.reader, { ...LIMITS, sorted: 9, window: 7 });
  for (let index = 0; index < 120; index++) {
    const random = randomOf(1, index);
    const filter = filterOf(random);
    const sort: FlatSort = { by: random.pick(FLAT_ORDERS), descending: random.chance(0.5) };
    const page: Page<FlatPosition> = {
      limit: random.below(60),
      fromEnd: random.chance(0.5),
      after: some(random, 0.3, () => positionOf(random, sort.by)),
      before: some(random, 0.3, () => positionOf(random, sort.by)),
    };
    const read = async (reads: ReturnType<typeof createReads>) => ({
      index,
      page: await reads.listFlats(filter, sort, page),
      count: await reads.countFlats(filter),
    });
    expect(await read(stepwise)).toEqual(await read(whole));
  }
});

it('no filter with any sort holds others up, on flats that all have one key and one user', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await openStore({ file })[Symbol.asyncDispose]();
  fillHostile(file, { intercoms: 150, flats: 100 });
  using client = openTimed(file);
  const reads = createReads(client.reader, { ...LIMITS, sorted: 1_000, window: 500 });
  let longest = 0;
  let statements = 0;
  client.onStatement = (ms) => {
    longest = Math.max(longest, ms);
    statements++;
  };
  for (const [, filter] of HOSTILE_FILTERS) {
    for (const by of FLAT_ORDERS) {
      for (const descending of [false, true]) {
        await reads.listFlats({ lines: {}, ...filter }, { by, descending }, { limit: 50, fromEnd: false });
      }
    }
    await reads.countFlats({ lines: {}, ...filter });
  }
  expect(statements).toBeGreaterThan(300);
  // A window takes a millisecond or two; a statement that tested all 15,000 flats took 20 and more.
  expect(longest).toBeLessThan(30);
});

it('a count ends where it is large, or where too many flats were tested, and says so', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await openStore({ file })[Symbol.asyncDispose]();
  fillHostile(file, { intercoms: 10, flats: 36 });
  using client = openTimed(file);
  const whole = createReads(client.reader);
  const few = createReads(client.reader, { sorted: 9, window: 7, counted: 20, testedToCount: 70 });
  for (const title of [undefined, 'o', 'house 7', 'nowhere']) {
    const filter = title === undefined ? {} : { title };
    const { count } = await whole.countIntercoms(filter);
    expect([title, await createReads(client.reader, { ...LIMITS, window: 3 }).countIntercoms(filter)]).toEqual([
      title,
      { count, isExact: true },
    ]);
    const bounded = await createReads(client.reader, { ...LIMITS, window: 3, counted: 4 }).countIntercoms(filter);
    expect([title, bounded]).toEqual([
      title,
      title === undefined || count <= 4 ? { count, isExact: true } : { count: 4, isExact: false },
    ]);
  }
  let inexact = 0;
  for (let index = 0; index < 200; index++) {
    const filter = filterOf(randomOf(2, index));
    const { count } = await whole.countFlats(filter);
    const counted = await few.countFlats(filter);
    const isCounter = Object.entries(filter).every(([name, it]) => name === 'lines' || it === undefined);
    if (counted.isExact) expect([index, counted.count, isCounter || count <= 20]).toEqual([index, count, true]);
    else {
      inexact++;
      expect([index, counted.count <= 20 && counted.count <= count]).toEqual([index, true]);
    }
  }
  expect(inexact).toBeGreaterThan(20);
});

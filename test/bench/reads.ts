// How long does a read hold others up, on a million flats that all have one key and one user? Prints the longest statement and the
// whole time of the worst sort of each filter, and of its count.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FLAT_ORDERS } from '../../src/domain/flat-filter.ts';
import { openStore } from '../../src/store/open.ts';
import { createReads } from '../../src/store/sqlite/read/reads.ts';
import { fillHostile, HOSTILE_FILTERS, openTimed } from '../store/hostile-database.ts';

const { values } = parseArgs({ options: { flats: { type: 'string', default: '1000000' } } });
const file = `/tmp/intercom-flats-reads-${process.pid}.db`;
try {
  await openStore({ file })[Symbol.asyncDispose]();
  fillHostile(file, { intercoms: Number(values.flats) / 100, flats: 100 });
  using client = openTimed(file);
  const reads = createReads(client.reader);
  /** The longest statement, and the whole time, in milliseconds. */
  const time = async (read: () => Promise<unknown>): Promise<readonly [number, number]> => {
    let longest = 0;
    client.onStatement = (ms) => {
      longest = Math.max(longest, ms);
    };
    const begun = performance.now();
    await read();
    return [longest, performance.now() - begun];
  };
  process.stdout.write(
    '| filter | page: longest statement, ms | page: all, ms | count: longest, ms | count: all, ms |\n',
  );
  process.stdout.write('|---|--:|--:|--:|--:|\n');
  for (const [name, given] of HOSTILE_FILTERS) {
    const filter = { lines: {}, ...given };
    let page: readonly [number, number] = [0, 0];
    for (const by of FLAT_ORDERS) {
      for (const descending of [false, true]) {
        const read = () => reads.listFlats(filter, { by, descending }, { limit: 100, fromEnd: false });
        await read();
        const [longest, all] = await time(read);
        page = [Math.max(page[0], longest), Math.max(page[1], all)];
      }
    }
    const count = await time(() => reads.countFlats(filter));
    process.stdout.write(`| ${name} | ${[...page, ...count].map((it) => it.toFixed(1)).join(' | ')} |\n`);
  }
} finally {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

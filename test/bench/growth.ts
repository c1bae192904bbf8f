// `npm run bench:growth`: what growth costs. The same update and the same read, of flats at random, on databases of
// 100,000 flats, of a million and so on, taken in turns; how fast flats come in; and what the server's memory does over
// many updates. Rows per flat, durability and load are the same at every size.
//
//   --max N       the largest database, 1,000,000 by default; 10,000,000 needs some 3 GB of disk
//   --updates N   how many updates the server's memory is watched over, 1,000,000 by default
//   --out FILE    write what is printed to a file as well
import { execFileSync } from 'node:child_process';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { tempFolder } from '../support/temp-folder.ts';
import { placeFlats } from './database.ts';
import { type Job, type LoadResult, load } from './load.ts';
import { expectLogged, service, stop, urlOf } from './sides.ts';
import { fixed, median, table, whole } from './table.ts';

const SMALLEST = 100_000;
/** Keys and users for some flats only: ten million flats shall not take half an hour to make. */
const LINKED_EVERY = 10;
const CONNECTIONS = 8;
const ROUNDS = 3;
const [SECONDS, WARMUP] = [6, 2];
const MB = 2 ** 20;

interface Size {
  readonly flats: number;
  readonly file: string;
  readonly bytes: number;
  readonly placedPerSecond: number;
  readonly updates: LoadResult[];
  readonly reads: LoadResult[];
  /** How many updates this database has seen, and how many of them were not answered. */
  sent: number;
  unanswered: number;
}

const { values } = parseArgs({
  options: {
    max: { type: 'string', default: '1000000' },
    updates: { type: 'string', default: '1000000' },
    out: { type: 'string' },
  },
});

await using folder = await tempFolder();
const side = service('service');
const sizes: Size[] = [];
for (let flats = SMALLEST; flats <= Number(values.max); flats *= 10) sizes.push(await grow(flats, sizes.at(-1)));
for (let round = 0; round < ROUNDS; round++) {
  for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
    process.stderr.write(`round ${round + 1}: ${whole(size.flats)} flats\n`);
    await measureBoth(size);
  }
}
const text = `${growthTable()}\n${ratioLine()}\n${await memoryTable(sizes.at(-1) as Size)}`;
process.stdout.write(text);
if (values.out) await writeFile(values.out, text);

/** The next size: a copy of the one before, with as many flats placed as are missing. */
async function grow(flats: number, smaller: Size | undefined): Promise<Size> {
  const file = folder.file(`${flats}.db`);
  if (smaller) await copyFile(smaller.file, file);
  const first = 1 + (smaller?.flats ?? 0);
  process.stderr.write(`placing flats ${whole(first)} to ${whole(flats)}\n`);
  const begun = performance.now();
  await placeFlats(file, first, flats, LINKED_EVERY);
  const placedPerSecond = ((flats - first + 1) * 1_000) / (performance.now() - begun);
  return {
    flats,
    file,
    bytes: (await stat(file)).size,
    placedPerSecond,
    updates: [],
    reads: [],
    sent: 0,
    unanswered: 0,
  };
}

async function measureBoth(size: Size): Promise<void> {
  const { flats, file, sent } = size;
  await using server = side.start(file);
  const url = await urlOf(server);
  const job: Omit<Job, 'work'> = { url, flats, connections: CONNECTIONS, warmup: WARMUP, seconds: SECONDS };
  size.reads.push(await load({ ...job, work: 'read' }));
  const updates = await load({ ...job, work: 'restById', sent });
  size.updates.push(updates);
  size.sent += updates.sent;
  size.unanswered += updates.unanswered;
  await stop(server);
  expectLogged(file, size.sent, size.unanswered);
}

function growthTable(): string {
  const of = (results: LoadResult[], figure: 'p50' | 'p99') => fixed(median(results.map((it) => it[figure])));
  return table(
    ['flats', 'file MB', 'placed/s', 'updates/s', 'p50 ms', 'p99 ms', 'reads/s', 'p50 ms', 'p99 ms'],
    sizes.map(({ flats, bytes, placedPerSecond, updates, reads }) => [
      whole(flats),
      whole(bytes / MB),
      whole(placedPerSecond),
      ...[updates, reads].flatMap((it) => [
        whole(median(it.map((result) => result.perSecond))),
        of(it, 'p50'),
        of(it, 'p99'),
      ]),
    ]),
  );
}

function ratioLine(): string {
  const [smallest, largest] = [sizes[0] as Size, sizes.at(-1) as Size];
  const ratio = (of: 'updates' | 'reads') =>
    median(largest[of].map((it) => it.p99)) / median(smallest[of].map((it) => it.p99));
  const line = (name: string, reached: number) => [name, '<= 1.50', fixed(reached), reached <= 1.5 ? 'yes' : 'no'];
  const sizesText = `${whole(largest.flats)} flats / ${whole(smallest.flats)}`;
  return table(
    ['ratio', 'target', 'reached', 'met'],
    [line(`p99 of updates, ${sizesText}`, ratio('updates')), line(`p99 of reads, ${sizesText}`, ratio('reads'))],
  );
}

/** The resident memory of one server over many updates: at its start, after a tenth of them, and after all. */
async function memoryTable(size: Size): Promise<string> {
  const { flats, file } = size;
  const total = Number(values.updates);
  await using server = side.start(file);
  const url = await urlOf(server);
  const rows = [['0', residentMb(server.child.pid)]];
  let done = 0;
  for (const upTo of [total / 10, total]) {
    process.stderr.write(`updates up to ${whole(upTo)}\n`);
    const job = { url, flats, connections: CONNECTIONS, warmup: 0, answers: upTo - done, sent: size.sent };
    const result = await load({ ...job, work: 'restById' });
    size.sent += result.sent;
    size.unanswered += result.unanswered;
    done = upTo;
    rows.push([whole(done), residentMb(server.child.pid)]);
  }
  await stop(server);
  expectLogged(file, size.sent, size.unanswered);
  return table(['updates', 'resident memory MB'], rows);
}

function residentMb(pid: number | undefined): string {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return whole((Number(kilobytes) * 1_024) / MB);
}

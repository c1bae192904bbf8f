// `npm run bench`: how fast the service is beside its limits (the same work on plain node:http and plain statements)
// and beside its peers (other GraphQL servers on the same work). Fair means: the same tables, rows and durability
// (WAL, synchronous=FULL), the same load from the same generator, each side in a process of its own, and the sides taken
// in turns, so that what disturbs the machine disturbs all of them. A ratio is taken in each round, of neighbours in
// time, and the median of the rounds is what counts.
//
//   --quick       one short round, to see that it works; too short for figures that mean much
//   --rounds N    so many rounds instead of 5, or of 3 with --postgres
//   --out FILE    write what is printed to a file as well
//   --postgres    on PostgreSQL instead, see `postgres/bench.ts`
//   --only PART   with --postgres: this part alone; may be repeated
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { rows } from '../support/rows.ts';
import { type Spawned, spawnNode } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { compete, contest, type Figures, figuresTable, limitRow, RATIO_HEADER, ratioRow } from './contest.ts';
import { BULK, csvOf, placeFlats } from './database.ts';
import { fsyncTimes } from './fsync.ts';
import type { Job, LoadResult, Work } from './load.ts';
import { benchPostgres } from './postgres/bench.ts';
import { reading } from './reading.ts';
import { expectLogged, measure, rawHttp, type Side, service, setUpPeers, type Use, watchedService } from './sides.ts';
import { fixed, median, table, whole } from './table.ts';

const FLATS = 100_000;
const IMPORTED = 300_000;
const CONNECTIONS = 32;
const MANY_CONNECTIONS = 256;
const BULK_CONNECTIONS = 4;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
  },
});
if (values.postgres) process.exit(await benchPostgres(values));
// Warm means that the compiler is done, which takes the longer the more code a side has.
const [rounds, seconds, warmup] = values.quick ? [1, 2, 1] : [Number(values.rounds ?? 5), 5, 7];

let printed = '';
function print(text: string): void {
  process.stdout.write(text);
  printed += text;
}

await using folder = await tempFolder();
const database = folder.file('flats.db');
const csv = folder.file('flats.csv');

const peers = await setUpPeers(folder.path);
await placeFlats(database, 1, FLATS);
await writeFile(csv, Readable.from(csvOf(IMPORTED)));

/** How late the event loop was, and how late single updates were answered, while bulk calls went on; milliseconds. */
const besideBulk: { readonly loopDelayP99: number; readonly singleP99: number }[] = [];

const contests = {
  rest: single(service('service: REST PATCH'), 'rest'),
  rawHttp: single(rawHttp, 'rest'),
  restMany: single(service('service: REST PATCH'), 'rest', MANY_CONNECTIONS),
  rawHttpMany: single(rawHttp, 'rest', MANY_CONNECTIONS),
  graphql: single(service('service: GraphQL single'), 'graphql'),
  mercuriusGroupCommit: single(peers.mercuriusGroupCommit, 'graphql'),
  mercurius: single(peers.mercurius, 'graphql'),
  apollo: single(peers.apollo, 'graphql'),
  bulk: contest(`service: GraphQL bulk of ${whole(BULK)}`, runBulk),
  rawBulk: contest(`better-sqlite3 in a loop, ${whole(BULK)} updates a commit`, runRawBulk),
  import: contest(`service: import of ${whole(IMPORTED)} flats`, () =>
    runImport((file) => spawnNode('src/cli.ts', ['import', csv], { DATABASE_URL: `file:${file}` })),
  ),
  rawInsert: contest(`better-sqlite3 in a loop, ${whole(1_000)} inserts a commit`, () =>
    runImport((file) => spawnNode('test/bench/raw-insert.ts', [file, String(IMPORTED)], {})),
  ),
};

print(`${availableParallelism()} cores of ${cpus()[0]?.model.trim()}, ${process.platform}, Node ${process.version}\n`);
print(`fdatasync of 4 KiB: ${fixed(median(fsyncTimes(folder.file('fsync'), 200)))} ms (median)\n`);
print(
  `${whole(FLATS)} flats; single updates over ${CONNECTIONS} connections where nothing else is said, bulk over ${BULK_CONNECTIONS}\n`,
);
print(`medians of ${rounds} round(s), each ${seconds} s after ${warmup} s to warm up\n\n`);

try {
  const all = Object.values(contests);
  for (let round = 0; round < rounds; round++) {
    await compete(all);
    await runBesideBulk();
  }
  print(figuresTable(all));
  print(`\n${ratiosTable()}`);
  print(`\n${await reading(values.quick)}`);
  if (values.out) await writeFile(values.out, printed);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function single(side: Side, work: Work, connections = CONNECTIONS) {
  const name = connections === CONNECTIONS ? side.name : `${side.name}, ${connections} connections`;
  return contest(name, async () => {
    const { results, use } = await measure(side, database, [job(work, connections)]);
    return { ...(results[0] as LoadResult), costs: costsOf(use) };
  });
}

function costsOf({ mainUs, othersUs, peakMb }: Use) {
  return { 'CPU of main, us': mainUs, 'of others, us': othersUs, 'memory, MB': peakMb };
}

function job(work: Work, connections: number): Omit<Job, 'url'> {
  return { work, flats: FLATS, connections, warmup, seconds };
}

async function runBulk(): Promise<Figures> {
  const { results, use } = await measure(service('service: GraphQL bulk'), database, [job('bulk', BULK_CONNECTIONS)]);
  const result = results[0] as LoadResult;
  return { ...result, perSecond: result.perSecond * BULK, costs: costsOf(use) };
}

async function runBesideBulk(): Promise<void> {
  const side = watchedService('service: single updates beside bulk ones');
  const { results, stderr } = await measure(side, database, [job('bulk', BULK_CONNECTIONS), job('rest', 1)]);
  const loopDelayP99 = Number(/"loopDelayP99":([\d.]+)/.exec(stderr)?.[1]);
  besideBulk.push({ loopDelayP99, singleP99: (results[1] as LoadResult).p99 });
}

async function runRawBulk(): Promise<Figures> {
  const file = folder.file('raw-bulk.db');
  await copyFile(database, file);
  await using child = spawnNode('test/bench/raw-bulk.ts', [file, FLATS, warmup, seconds].map(String), {});
  const { code, stdout, stderr } = await child.exit;
  if (code !== 0) throw new Error(`better-sqlite3 in a loop: ${stderr}`);
  const { perSecond, updates } = JSON.parse(stdout);
  expectLogged(file, updates);
  return { perSecond };
}

/** The whole process counts, from its start to its end. */
async function runImport(start: (file: string) => Spawned): Promise<Figures> {
  const file = folder.file('import.db');
  await rm(file, { force: true });
  const begun = performance.now();
  await using child = start(file);
  const { code, stderr } = await child.exit;
  const perSecond = (IMPORTED * 1_000) / (performance.now() - begun);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${stderr}`);
  const [{ flats }] = rows(file, 'select count(*) flats from flats') as [{ flats: number }];
  if (flats !== IMPORTED) throw new Error(`the import made ${flats} flats of ${IMPORTED}`);
  return { perSecond };
}

function ratiosTable(): string {
  return table(RATIO_HEADER, [
    ratioRow('REST single / node:http with group commit', contests.rest, contests.rawHttp, 1),
    ratioRow(`the same over ${MANY_CONNECTIONS} connections`, contests.restMany, contests.rawHttpMany, 1.1),
    ratioRow('GraphQL single / Mercurius + group commit', contests.graphql, contests.mercuriusGroupCommit, 1),
    ratioRow('GraphQL single / Mercurius as documented', contests.graphql, contests.mercurius, 3),
    ratioRow('GraphQL single / Apollo Server as documented', contests.graphql, contests.apollo),
    ratioRow('GraphQL bulk / better-sqlite3 in a loop', contests.bulk, contests.rawBulk, 0.6),
    ratioRow('import / better-sqlite3 in a loop', contests.import, contests.rawInsert, 0.4),
    limitRow(
      'event-loop delay under bulk, p99 ms',
      besideBulk.map((it) => it.loopDelayP99),
      5,
    ),
    limitRow(
      'single update beside bulk, p99 ms',
      besideBulk.map((it) => it.singleP99),
    ),
  ]);
}

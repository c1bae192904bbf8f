// `npm run bench -- --postgres`: how fast the service is on PostgreSQL, with one instance and with two, without a standby and
// with one that commits wait for; beside its limits (the driver in a loop, and node:http on it) and its peers (one transaction
// for each request). Each side runs on a fresh copy of one database, in processes of its own, and the sides take turns. Every
// part is printed as soon as it is done.
//
//   --quick       one short round, to see that it works
//   --rounds N    so many rounds instead of 3
//   --only PART   this part alone, such as `single` or `bulk+standby`; may be repeated
//   --out FILE    write what is printed to a file as well
import { appendFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { Readable } from 'node:stream';
import { query } from '../../support/postgres.ts';
import { type Spawned, spawnNode } from '../../support/spawn.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { type Contest, compete, contest, figuresTable, limitRow, RATIO_HEADER, ratioRow } from '../contest.ts';
import { BULK, csvOf, FLATS_PER_INTERCOM } from '../database.ts';
import { feedDelays } from '../feed-delays.ts';
import { fsyncTimes } from '../fsync.ts';
import { type Side, setUpPeers, stop, urlOf } from '../sides.ts';
import { fixed, median, table, whole } from '../table.ts';
import { type BesideDatabase, besideTable } from './beside.ts';
import { createHostile } from './hostile.ts';
import { type Measured, measure, measureLoop, SERVICE, type Timing } from './measure.ts';
import { type Servers, startServers } from './servers.ts';

const FLATS = 100_000;
const CONNECTIONS = 32;
const BULK_CONNECTIONS = 4;
const FOLLOWERS = 10;

export interface BenchOptions {
  readonly quick: boolean;
  readonly only?: readonly string[] | undefined;
  readonly rounds?: string | undefined;
  readonly out?: string | undefined;
}

/** What a run takes: rounds, seconds of each measurement (and of each row of `beside`), and how large things are. */
const MIDDLE = { rounds: 3, seconds: 3, warmup: 4, beside: 4, imported: 100_000, hostile: 1_000_000 };
const QUICK: typeof MIDDLE = { rounds: 1, seconds: 1, warmup: 1, beside: 1, imported: 20_000, hostile: 100_000 };

interface Run {
  readonly servers: Servers;
  readonly size: typeof MIDDLE;
  readonly timing: Timing;
  readonly isQuick: boolean;
  readonly folder: { file(name: string): string };
  readonly peers: { readonly single: Side; readonly lists: Side };
  /** The database of the part `beside`, made when it is first asked for. */
  hostile(): Promise<BesideDatabase>;
  print(text: string): void;
}

const PARTS = { single, bulk, import: imports, page, feed, beside } satisfies Record<
  string,
  (run: Run) => Promise<void>
>;
type PartName = keyof typeof PARTS;
const STANDBY = '+standby';
/** Reads do not wait for a standby, so pages are not measured with one. */
const ORDER: readonly string[] = [
  ...Object.keys(PARTS),
  ...Object.keys(PARTS)
    .filter((it) => it !== 'page')
    .map((it) => it + STANDBY),
];

/** Runs all parts, or those that were asked for, and returns the exit code. */
export async function benchPostgres({ quick, only, rounds, out }: BenchOptions): Promise<number> {
  const unknown = only?.find((it) => !ORDER.includes(it));
  if (unknown !== undefined) {
    process.stderr.write(`--only takes one of ${ORDER.join(', ')}\n`);
    return 2;
  }
  if (out) writeFileSync(out, '');
  const print = (text: string) => {
    process.stdout.write(text);
    if (out) appendFileSync(out, text);
  };
  const size = quick ? QUICK : { ...MIDDLE, rounds: Number(rounds ?? MIDDLE.rounds) };
  await using folder = await tempFolder();
  try {
    process.stderr.write('starting and filling the database\n');
    await using servers = await startServers(FLATS);
    const [{ version }] = (await servers.primary.sql("select current_setting('server_version') as version")).rows;
    const { postgres, postgresLists } = await setUpPeers(folder.path);
    print(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${availableParallelism()} cores of `);
    print(`${cpus()[0]?.model.trim()}, ${process.platform}, Node ${process.version}, PostgreSQL ${version}\n`);
    print(`fdatasync of 4 KiB: ${fixed(median(fsyncTimes(folder.file('fsync'), 200)))} ms (median)\n`);
    print(`${whole(FLATS)} flats; ${size.rounds} round(s), each ${size.seconds} s after ${size.warmup} s to warm up\n`);
    let hostile: Promise<BesideDatabase> | undefined;
    const run: Run = {
      ...{ servers, size, timing: size, isQuick: quick, folder, print },
      peers: { single: postgres, lists: postgresLists },
      hostile: () => {
        hostile ??= createBesideDatabase(servers, size.hostile);
        return hostile;
      },
    };
    for (const name of ORDER.filter((it) => only?.includes(it) ?? true)) {
      const isWaiting = name.endsWith(STANDBY);
      if (isWaiting) await servers.addStandby();
      const begun = performance.now();
      print(`\n## ${name.replace(STANDBY, ', commits wait for a standby')}\n\n`);
      await PARTS[name.replace(STANDBY, '') as PartName](run);
      process.stderr.write(`${name} took ${whole((performance.now() - begun) / 1e3)} s\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

async function competeAll({ size }: Run, contests: readonly Contest[]): Promise<void> {
  for (let round = 0; round < size.rounds; round++) await compete(contests);
}

function printContest({ print }: Run, contests: readonly Contest[], ratios: readonly (readonly string[])[]): void {
  print(`${figuresTable(contests)}\n${table(RATIO_HEADER, ratios)}`);
}

async function single(run: Run): Promise<void> {
  const { servers, timing } = run;
  const job = { flats: FLATS, connections: CONNECTIONS, ...timing };
  let batch = CONNECTIONS / 2;
  const rest = (name: string, side: Side, instances = 1) =>
    contest(name, () => measure(servers, side, { ...job, work: 'rest' }, instances));
  const graphql = (name: string, side: Side, instances = 1) =>
    contest(name, () => measure(servers, side, { ...job, work: 'graphql' }, instances));
  const raw = (kind: string): Side => ({
    name: kind,
    start: (url) => spawnNode('test/bench/postgres/raw-http.ts', [url, kind], {}),
  });

  const ours = contest('REST PATCH', async () => {
    const measured: Measured = await measure(servers, SERVICE, { ...job, work: 'rest' });
    batch = Math.max(1, Math.round(measured.batch));
    return measured;
  });
  const rawLoop = contest('pg in a loop, the same batches without HTTP', () =>
    measureLoop(servers, FLATS, batch, timing),
  );
  const rawBatches = rest('node:http + pg, in batches', raw('batches'));
  const rawTransactions = rest('node:http + pg, a transaction each', raw('transactions'));
  const two = rest('REST PATCH, 2 instances', SERVICE, 2);
  const ourGraphql = graphql('GraphQL single', SERVICE);
  const twoGraphql = graphql('GraphQL single, 2 instances', SERVICE, 2);
  const mercurius = graphql(run.peers.single.name, run.peers.single);
  const all = [ours, rawLoop, rawBatches, rawTransactions, two, ourGraphql, twoGraphql, mercurius];
  await competeAll(run, all);
  run.print(`${CONNECTIONS} connections; the service put ${batch} updates into a transaction\n\n`);
  printContest(run, all, [
    ratioRow('REST / node:http, a transaction each', ours, rawTransactions, 8),
    ratioRow('REST / node:http, in batches', ours, rawBatches, 0.8),
    ratioRow('REST / pg in a loop', ours, rawLoop, 0.8),
    ratioRow('GraphQL / Mercurius, a transaction each', ourGraphql, mercurius, 8),
    ratioRow('REST, 2 instances / 1', two, ours),
    ratioRow('GraphQL, 2 instances / 1', twoGraphql, ourGraphql),
  ]);
}

async function bulk(run: Run): Promise<void> {
  const { servers, timing } = run;
  const job = { work: 'bulk', flats: FLATS, connections: BULK_CONNECTIONS, ...timing } as const;
  const one = contest(`GraphQL bulk of ${whole(BULK)}`, () => measure(servers, SERVICE, job));
  const two = contest('the same, 2 instances', () => measure(servers, SERVICE, job, 2));
  const raw = contest(`pg in a loop, ${whole(BULK)} updates a transaction`, () =>
    measureLoop(servers, FLATS, BULK, timing),
  );
  await competeAll(run, [one, two, raw]);
  printContest(
    run,
    [one, two, raw],
    [ratioRow('GraphQL bulk / pg in a loop', one, raw, 0.6), ratioRow('2 instances / pg in a loop', two, raw)],
  );
}

async function imports(run: Run): Promise<void> {
  const { servers, size, folder } = run;
  const [first, flats] = [FLATS + 1, size.imported];
  const csv = folder.file('flats.csv');
  await writeFile(csv, Readable.from(csvOf(flats, first)));
  /** The whole process counts, from its start to its end. */
  const timed = (start: (url: string) => Spawned) =>
    servers.withCopy(async (url) => {
      const begun = performance.now();
      await using child = start(url);
      const { code, stderr } = await child.exit;
      const perSecond = (flats * 1_000) / (performance.now() - begun);
      if (code !== 0) throw new Error(`the import ended with ${code}: ${stderr}`);
      const { rows } = await query(url, 'select count(*)::int made from flats');
      if (rows[0].made !== FLATS + flats) throw new Error(`there are ${rows[0].made} flats after the import`);
      return { perSecond };
    });
  const ours = contest(`import of ${whole(flats)} flats`, () =>
    timed((url) => spawnNode('src/cli.ts', ['import', csv], { DATABASE_URL: url })),
  );
  const raw = contest('pg in a loop, 1,000 inserts a transaction', () =>
    timed((url) => spawnNode('test/bench/postgres/raw-insert.ts', [url, String(first), String(flats)], {})),
  );
  await competeAll(run, [ours, raw]);
  printContest(run, [ours, raw], [ratioRow('import / pg in a loop', ours, raw)]);
}

async function page(run: Run): Promise<void> {
  const job = { work: 'page', flats: FLATS, connections: CONNECTIONS, ...run.timing } as const;
  const on = (side: Side, instances = 1) => measure(run.servers, side, job, instances);
  const one = contest(`page of ${FLATS_PER_INTERCOM}`, () => on(SERVICE));
  const two = contest('the same, 2 instances', () => on(SERVICE, 2));
  const mercurius = contest(run.peers.lists.name, () => on(run.peers.lists));
  await competeAll(run, [one, two, mercurius]);
  printContest(
    run,
    [one, two, mercurius],
    [ratioRow('page of 100 / Mercurius with loaders', one, mercurius, 1), ratioRow('2 instances / 1', two, one)],
  );
}

/** How long a commit takes to its followers: those of the instance that wrote it, and those of another one. */
async function feed({ servers, size, timing, print }: Run): Promise<void> {
  const own: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < size.rounds; round++) {
    process.stderr.write(`round ${round + 1}: feed\n`);
    await servers.withCopy(async (database) => {
      await using one = SERVICE.start(database);
      await using two = SERVICE.start(database);
      const [updates, others] = [await urlOf(one), await urlOf(two)];
      const followed = [updates, others];
      const [first, second] = await feedDelays({
        updates,
        followed,
        followers: FOLLOWERS / 2,
        flats: FLATS,
        ...timing,
      });
      own.push(first as number);
      other.push(second as number);
      await Promise.all([one, two].map(stop));
    });
  }
  const what = `${FOLLOWERS / 2} followers of everything at 1,000 updates/s, p99 ms: commit to those`;
  print(
    table(RATIO_HEADER, [
      limitRow(`${what} of the same instance`, own),
      limitRow(`${what} of the other one`, other, 100),
    ]),
  );
}

async function beside({ hostile, size, isQuick, print }: Run): Promise<void> {
  const database = await hostile();
  print(`300 PATCHes a second on ${whole(database.flats)} flats, one instance; ${size.beside} s a row\n\n`);
  print(await besideTable(database, size.beside, isQuick));
}

async function createBesideDatabase({ primary }: Servers, flats: number): Promise<BesideDatabase> {
  process.stderr.write('filling the database that no filter narrows\n');
  await primary.sql('create database hostile');
  const url = primary.url('hostile');
  return { url, flats, tokens: await createHostile(url, flats), sent: 0, bulkCallers: 0 };
}

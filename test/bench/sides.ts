// The sides of the benchmark, each a process of its own on a fresh copy of the same database, and the load against them.
// After each run the database is opened and its log counted: a side that answered without having done the work fails.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rows } from '../support/rows.ts';
import { type Spawned, spawnNode } from '../support/spawn.ts';
import { startScript, THIS_CHECKOUT } from './beside/checkout.ts';
import { type CpuTimes, cpuTimes, cpuUse, memoryMb } from './beside/process-use.ts';
import { BULK } from './database.ts';
import { type Job, type LoadResult, load } from './load.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A program that serves HTTP on the database it is given, a file or a URL, and prints its own URL. */
export interface Side {
  readonly name: string;
  readonly start: (database: string) => Spawned;
  /** Whether it wants to be told, by SIGUSR2, when the load's clock starts and when it stops. */
  readonly watchesLoop?: boolean;
}

/** The service as `npm start` runs it. */
export const service = (name: string): Side => ({ name, start: (file) => startService(`file:${file}`) });

/** The service with a watch on its event loop, see `loop-delay.ts`. */
export const watchedService = (name: string): Side => ({
  name,
  start: (file) => startService(`file:${file}`, { NODE_OPTIONS: `--import=${join(ROOT, 'test/bench/loop-delay.ts')}` }),
  watchesLoop: true,
});

export const startService = (url: string, env: Record<string, string> = {}): Spawned =>
  startScript(THIS_CHECKOUT, 'start', [], { DATABASE_URL: url, PORT: '0', ...env });

export const rawHttp: Side = {
  name: 'node:http + better-sqlite3, group commit',
  start: (file) => spawnNode('test/bench/raw-http.ts', [file], {}),
};

export interface Peers {
  readonly mercurius: Side;
  readonly mercuriusGroupCommit: Side;
  readonly apollo: Side;
  readonly mercuriusLists: Side;
  /** On PostgreSQL. */
  readonly postgres: Side;
  readonly postgresLists: Side;
}

/**
 * Sets the peers up in a folder of their own, beside links to what they share with this repository. They need another
 * `graphql` than the service, so their packages are installed once for each lock file, into a cache outside of it. They
 * run with NODE_ENV=production, as their documentation asks; the service runs as `npm start` does, without.
 */
export async function setUpPeers(folder: string): Promise<Peers> {
  const source = fileURLToPath(new URL('./peers', import.meta.url));
  const bench = join(folder, 'test/bench');
  const peers = join(bench, 'peers');
  await mkdir(bench, { recursive: true });
  await cp(source, peers, { recursive: true, filter: (it) => !it.endsWith('node_modules') });
  for (const shared of ['raw-update.ts', 'service-commit.ts', 'postgres']) {
    await symlink(join(ROOT, 'test/bench', shared), join(bench, shared));
  }
  await symlink(await installPackages(source), join(peers, 'node_modules'));

  const side = (name: string, program: string): Side => ({
    name,
    start: (file) => spawnNode(relative(ROOT, join(peers, program)), [file], { NODE_ENV: 'production' }),
  });
  const { dependencies } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  const [mercurius, apollo] = [
    `Mercurius ${dependencies.mercurius}`,
    `Apollo Server ${dependencies['@apollo/server']}`,
  ];
  return {
    mercurius: side(`${mercurius} as documented`, 'mercurius.js'),
    mercuriusGroupCommit: side(`${mercurius} + group commit`, 'mercurius-group-commit.js'),
    apollo: side(`${apollo} as documented`, 'apollo.js'),
    mercuriusLists: side(`${mercurius} with loaders`, 'mercurius-lists.js'),
    postgres: side(`${mercurius}, a transaction each`, 'postgres.js'),
    postgresLists: side(`${mercurius} with loaders`, 'postgres-lists.js'),
  };
}

async function installPackages(source: string): Promise<string> {
  const lock = await readFile(join(source, 'package-lock.json'));
  const cache = join(tmpdir(), `intercom-flats-bench-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (!existsSync(cache)) {
    const unfinished = `${cache}-${process.pid}`;
    await mkdir(unfinished);
    for (const name of ['package.json', 'package-lock.json'])
      await copyFile(join(source, name), join(unfinished, name));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: unfinished });
    await rename(unfinished, cache);
  }
  return join(cache, 'node_modules');
}

export const urlOf = (server: Spawned): Promise<string> => server.printed(/"url":"([^"]+)"/);

/** Ends a server as an operator would, and tells what it printed to stderr. */
export async function stop(server: Spawned): Promise<string> {
  server.child.kill('SIGTERM');
  return (await server.exit).stderr;
}

/** What a server used while the clock of the first job ran. */
export interface Use {
  /** CPU for each answer, in microseconds: of the main thread, and of all others. */
  readonly mainUs: number;
  readonly othersUs: number;
  /** Resident memory at its peak, in megabytes. */
  readonly peakMb: number;
}

/** One run of one side on a copy of `database`: starts it, loads it with all jobs at once, and looks into its log. */
export async function measure(
  side: Side,
  database: string,
  jobs: readonly Omit<Job, 'url'>[],
): Promise<{ readonly results: readonly LoadResult[]; readonly use: Use; readonly stderr: string }> {
  const file = `${database}-run`;
  await copyFile(database, file);
  try {
    await using server = side.start(file);
    const url = await urlOf(server);
    const [first, ...others] = jobs.map((job) => ({ ...job, url }));
    const pid = server.child.pid as number;
    const cpu: CpuTimes[] = [];
    const onClock = () => {
      cpu.push(cpuTimes(pid));
      if (side.watchesLoop) server.child.kill('SIGUSR2');
    };
    const results = await Promise.all([load(first as Job, onClock), ...others.map((job) => load(job))]);
    const use = useOf(pid, cpu, results[0]?.answered ?? 0);
    const stderr = await stop(server);
    const updates = (of: 'sent' | 'unanswered') =>
      results.reduce((sum, it, i) => sum + it[of] * (jobs[i]?.work === 'bulk' ? BULK : 1), 0);
    expectLogged(file, updates('sent'), updates('unanswered'));
    return { results, use, stderr };
  } catch (error) {
    throw new Error(`${side.name}: ${(error as Error).message}`);
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  }
}

function useOf(pid: number, [before, after]: readonly CpuTimes[], answers: number): Use {
  if (!before || !after) throw new Error('the clock of the load did not start and stop');
  const { mainMs, othersMs } = cpuUse(pid, before, after);
  const others = [...othersMs.values()].reduce((sum, ms) => sum + ms, 0);
  return { mainUs: (mainMs * 1e3) / answers, othersUs: (others * 1e3) / answers, peakMb: memoryMb(pid).peak };
}

/** Every update that was answered must be a row of the log, and the counts of line states must be right. */
export function expectLogged(file: string, sent: number, unanswered = 0): void {
  const [{ logged }] = rows(file, 'select count(*) logged from changes') as [{ logged: number }];
  requireLogged(logged, sent, unanswered);
  expectCounts(file);
}

/** An update that was not answered may be missing, and so may the next one of its flat, which has nothing to change then. */
export function requireLogged(logged: number, sent: number, unanswered: number): void {
  if (logged <= sent && logged >= sent - 2 * unanswered) return;
  throw new Error(`${sent} updates were sent and ${unanswered} not answered, but ${logged} are in the log`);
}

export function expectCounts(file: string): void {
  const counted = rows(file, 'select lines, flats from line_counts where flats > 0 order by lines');
  const real = rows(file, 'select lines, count(*) flats from flats group by lines order by lines');
  if (JSON.stringify(counted) !== JSON.stringify(real)) throw new Error('the counts of line states are wrong');
}

// One measurement: single updates against one server, with or without something heavy beside them.
import { setTimeout as sleep } from 'node:timers/promises';
import { rows } from '../../support/rows.ts';
import { type Spawned, spawnNode } from '../../support/spawn.ts';
import { expectCounts, stop, urlOf } from '../sides.ts';
import type { CallersJob, CallersResult } from './callers.ts';
import { type Checkout, startServer, WATCHED } from './checkout.ts';
import { keepRunning, PROGRESS } from './commands.ts';
import type { Tokens } from './database.ts';
import type { Heavy } from './heavy.ts';
import type { PatchJob, PatchResult } from './patches.ts';
import { type CpuUse, cpuTimes, cpuUse, memoryMb } from './process-use.ts';

/** A checkout on a database of its own. */
export interface Side {
  readonly checkout: Checkout;
  readonly file: string;
  readonly tokens: Tokens;
  readonly flats: number;
  /** `PATCH`es and bulk callers that the database has seen. */
  sent: number;
  callers: number;
}

export interface Figures extends PatchResult {
  readonly loopDelayP99: number;
  /** Calls that the heavy callers completed, or rows that the command did. */
  readonly done?: number;
  readonly cpu: CpuUse;
  readonly memory: { readonly now: number; readonly peak: number };
}

const PER_SECOND = 300;
const CONNECTIONS = 32;
/** For processes to start and the compiler to be done. */
const WARMUP_MS = 4_000;

export async function measureBeside(side: Side, heavy: Heavy, seconds: number): Promise<Figures> {
  const { checkout, file, tokens, flats } = side;
  const [{ head }] = rows(file, 'select max(seq) head from changes') as [{ head: number }];
  await using server = startServer(checkout, file);
  await urlOf(server);
  const progress = () => (heavy.command ? (rows(file, PROGRESS[heavy.command]) as [{ value: number }])[0].value : 0);
  const atFirst = progress();
  const commands = heavy.command && keepRunning(checkout, file, heavy.command);
  // A command opens and checks the database first, which is not what is measured.
  while (commands && progress() === atFirst) await Promise.race([commands.done, sleep(50)]);
  const span = await spanAfterStart(server, seconds);
  await using callers = heavy.calls && startCallers({ ...span, token: tokens.heavy, ...callersOf(side, heavy.calls) });
  const callersResult = callers && resultOf<CallersResult>(callers);
  const failed = [callersResult, commands?.done].filter((it) => it !== undefined);
  const { patches, done, ...use } = await orFailure(
    failed,
    measurePatches(server, { ...span, token: tokens.billing, flats, sent: side.sent }, progress),
  );
  callers?.child.kill('SIGTERM');
  commands?.stop();
  const [result] = await Promise.all([callersResult, commands?.done]);
  const loopDelayP99 = loopDelayIn(await stop(server));
  side.sent += patches.sent;
  expectPatches(file, head, patches.sent);
  return {
    ...patches,
    ...use,
    loopDelayP99,
    ...(result && { done: result.calls }),
    ...(heavy.command && { done }),
  };
}

/** The same load against node:http that does nothing. */
export async function measureFloor(flats: number, seconds: number): Promise<Figures> {
  await using server = spawnNode('test/bench/beside/idle-http.ts', [], WATCHED);
  const span = await spanAfterStart(server, seconds);
  const { patches, cpu, memory } = await measurePatches(server, { ...span, token: 'none', flats, sent: 0 }, () => 0);
  return { ...patches, cpu, memory, loopDelayP99: loopDelayIn(await stop(server)) };
}

interface Span {
  readonly url: string;
  readonly from: number;
  readonly to: number;
}

async function spanAfterStart(server: Spawned, seconds: number): Promise<Span> {
  const url = await urlOf(server);
  const from = Date.now() + WARMUP_MS;
  return { url, from, to: from + seconds * 1_000 };
}

async function measurePatches(
  server: Spawned,
  job: Omit<PatchJob, 'perSecond' | 'connections'>,
  progress: () => number,
) {
  const pid = server.child.pid as number;
  const whole: PatchJob = { ...job, perSecond: PER_SECOND, connections: CONNECTIONS };
  await using generator = spawnNode('test/bench/beside/patches.ts', [JSON.stringify(whole)], {});
  const look = async (moment: number) => {
    await sleep(moment - Date.now());
    server.child.kill('SIGUSR2');
    return { cpu: cpuTimes(pid), progress: progress(), memory: memoryMb(pid) };
  };
  const [patches, before, after] = await Promise.all([resultOf<PatchResult>(generator), look(job.from), look(job.to)]);
  return {
    patches,
    done: after.progress - before.progress,
    cpu: cpuUse(pid, before.cpu, after.cpu),
    memory: after.memory,
  };
}

/** Bulk callers get flats of their own. */
function callersOf(side: Side, callers: CallersJob['callers']) {
  const firstCaller = side.callers;
  side.callers += callers.length;
  return { callers, firstCaller };
}

const startCallers = (job: CallersJob): Spawned => spawnNode('test/bench/beside/callers.ts', [JSON.stringify(job)], {});

async function resultOf<Result>(process: Spawned): Promise<Result> {
  const { code, stdout, stderr } = await process.exit;
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The work's result, unless something beside it fails first. */
function orFailure<Result>(beside: readonly Promise<unknown>[], work: Promise<Result>): Promise<Result> {
  const failures = beside.map((it) => it.then(() => work));
  return Promise.race([work, ...failures]);
}

const loopDelayIn = (stderr: string): number => Number(/"loopDelayP99":([\d.]+)/.exec(stderr)?.[1]);

/** Every `PATCH` that was answered must be a row of the log, each of another flat, and the counts of line states right. */
function expectPatches(file: string, head: number, sent: number): void {
  const [{ logged, flats }] = rows(
    file,
    `select count(*) logged, count(distinct flat_id) flats from changes where seq > ${head} and channel = 'REST'`,
  ) as [{ logged: number; flats: number }];
  if (logged !== sent) throw new Error(`${sent} PATCHes were answered, but ${logged} are in the log`);
  if (flats !== sent) throw new Error(`${sent} PATCHes were answered, but only ${flats} flats are in the log`);
  expectCounts(file);
}

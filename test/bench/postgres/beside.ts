// Single updates at 300 a second beside heavy callers, as `bench:beside` has them: the same load on one instance.
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../support/postgres.ts';
import { spawnNode } from '../../support/spawn.ts';
import type { CallersJob, CallersResult } from '../beside/callers.ts';
import { WATCHED } from '../beside/checkout.ts';
import type { Tokens } from '../beside/database.ts';
import { HEAVY, type Heavy } from '../beside/heavy.ts';
import { measureFloor } from '../beside/measure.ts';
import type { PatchJob, PatchResult } from '../beside/patches.ts';
import { startService, stop, urlOf } from '../sides.ts';
import { table, whole } from '../table.ts';

const PER_SECOND = 300;
const CONNECTIONS = 32;
/** For processes to start and the compiler to be done. */
const WARMUP_MS = 4_000;
const TARGET_MS = 25;
/** The event loop of the main thread, at p99. */
const LOOP_TARGET_MS = 5;

const KEYS = ['alone', 'bulk', 'atomic', 'title', 'login', 'statistics', 'pages', 'create', 'hostile'];

/** A database with what was sent to it so far. */
export interface BesideDatabase {
  readonly url: string;
  readonly tokens: Tokens;
  readonly flats: number;
  sent: number;
  bulkCallers: number;
}

/** A table with a row for each kind of heavy callers; `few` is for a short try. */
export async function besideTable(database: BesideDatabase, seconds: number, few: boolean): Promise<string> {
  const rows: string[][] = [];
  const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  const floor = await measureFloor(database.flats, seconds);
  rows.push(['idle node:http', ms(floor.p50), ms(floor.p99), '', ms(floor.max), ms(floor.loopDelayP99), '', '']);
  for (const heavy of HEAVY.filter((it) => KEYS.slice(0, few ? 2 : undefined).includes(it.key))) {
    process.stderr.write(`beside: ${heavy.title}\n`);
    const { patches, loopDelayP99, calls } = await measureBeside(database, heavy, seconds);
    const isMet = patches.p99 <= TARGET_MS && loopDelayP99 <= LOOP_TARGET_MS;
    rows.push([
      ...[heavy.title, ms(patches.p50), ms(patches.p99), `<= ${TARGET_MS}`, ms(patches.max), ms(loopDelayP99)],
      ...[isMet ? 'yes' : 'no', calls === undefined ? '' : whole(calls)],
    ]);
  }
  return table(
    ['PATCH beside', 'p50 ms', 'p99 ms', 'target', 'max ms', `loop p99 ms (<= ${LOOP_TARGET_MS})`, 'met', 'calls'],
    rows,
  );
}

async function measureBeside(database: BesideDatabase, { calls = [] }: Heavy, seconds: number) {
  const { tokens, flats } = database;
  const head = await numberOf(database.url, 'select seq::float8 n from change_log');
  await using server = startService(database.url, WATCHED);
  const url = await urlOf(server);
  const from = Date.now() + WARMUP_MS;
  const span = { url, from, to: from + seconds * 1_000 };
  const callersJob: CallersJob = { ...span, token: tokens.heavy, callers: calls, firstCaller: database.bulkCallers };
  database.bulkCallers += calls.filter((it) => it === 'bulk' || it === 'atomic').length;
  const patchJob: PatchJob = {
    ...{ ...span, token: tokens.billing, flats, sent: database.sent, perSecond: PER_SECOND, connections: CONNECTIONS },
  };
  await using generator = spawnNode('test/bench/beside/patches.ts', [JSON.stringify(patchJob)], {});
  await using callers = spawnNode('test/bench/beside/callers.ts', [JSON.stringify(callersJob)], {});
  for (const moment of [span.from, span.to]) {
    await sleep(moment - Date.now());
    server.child.kill('SIGUSR2');
  }
  const patched = await generator.exit;
  callers.child.kill('SIGTERM');
  const called = await callers.exit;
  if (patched.code !== 0 || called.code !== 0) throw new Error(patched.stderr + called.stderr);
  const patches: PatchResult = JSON.parse(patched.stdout);
  const { calls: done }: CallersResult = JSON.parse(called.stdout);
  const loopDelayP99 = Number(/"loopDelayP99":([\d.]+)/.exec(await stop(server))?.[1]);
  database.sent += patches.sent;
  const logged = await numberOf(
    database.url,
    `select count(distinct flat_id)::int n from changes where seq > ${head} and channel = 'REST'`,
  );
  if (logged !== patches.sent) throw new Error(`${patches.sent} PATCHes were answered, but ${logged} are in the log`);
  return { patches, loopDelayP99, calls: calls.length > 0 ? done : undefined };
}

const numberOf = async (url: string, text: string): Promise<number> => (await query(url, text)).rows[0].n;

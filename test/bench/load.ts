// The load: wrk, a program of its own that is as cheap as one can be, since it shares the cores with what it measures. All of
// its connections share one walk over the flats (a walk for each would start at the same flat, and most updates would change
// nothing). Bodies are encoded before the clock starts, and every answer is searched for a few texts (`load.lua`).
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { REST_PATH } from '../../src/rest/address.ts';
import { spawnProgram } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BULK, FLATS_PER_INTERCOM, placeOf } from './database.ts';

export type Work = 'rest' | 'graphql' | 'bulk' | 'restById' | 'read' | 'page' | 'pageAfter';

export interface Job {
  readonly url: string;
  readonly work: Work;
  /** How many flats there are. They are taken in order, or at random where a work names them by record id. */
  readonly flats: number;
  /** The record id of the first flat that is taken in order, 1 by default: loads beside each other have flats of their own. */
  readonly first?: number;
  readonly connections: number;
  /** Seconds before the clock starts. */
  readonly warmup: number;
  /** Ends after this many seconds, or after this many answers, without figures then. */
  readonly seconds?: number;
  readonly answers?: number;
  /** How many requests were sent to this database before: the walk goes on where it stopped. */
  readonly sent?: number;
  /** The cursor that a page comes after; without it the page is the first. */
  readonly after?: string;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The answers while the clock ran. */
  readonly answered: number;
  /** All requests that were sent, and how many of them the end of a clock has cut off from their answers. */
  readonly sent: number;
  readonly unanswered: number;
}

/** How many flats a walk at random visits before it meets them again. */
const RANDOM_FLATS = 100_000;

const SUCCESS = '__typename ... on UpdateIntercomFlatSuccess';
const FLAT = `id flat intercomId keyCount usersCount version
  properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }`;
const SINGLE_UPDATE = `mutation ($input: UpdateIntercomFlatInput!) { updateIntercomFlat(input: $input) {
  ${SUCCESS} { intercomFlat { ${FLAT} } change { cursor } } ... on ValidationError { message } } }`;
const BULK_UPDATE = `mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) {
  ${SUCCESS} { intercomFlat { id version } } } }`;
const READ = `query ($by: IntercomFlatBy!) { intercomFlat(by: $by) { ${FLAT} } }`;

const PAGE_ROWS = `edges { cursor node { ${FLAT} intercom { id title } } } pageInfo { hasNextPage endCursor }`;
const PAGE = `query ($flat: Int!) { intercomFlats(filter: { flat: $flat }, first: 100) { ${PAGE_ROWS} } }`;
const PAGE_AFTER = `query ($after: String) { intercomFlats(first: 100, after: $after) { ${PAGE_ROWS} } }`;

/** What every successful answer holds. */
const WANTED: Record<Work, string> = {
  rest: '"is_analog_line_available"',
  restById: '"is_analog_line_available"',
  graphql: '"UpdateIntercomFlatSuccess"',
  bulk: '"UpdateIntercomFlatSuccess"',
  read: '"isAnalogLineAvailable"',
  page: '"isAnalogLineAvailable"',
  pageAfter: '"isAnalogLineAvailable"',
};

const SCRIPT = fileURLToPath(new URL('./load.lua', import.meta.url));
/** Seconds: longer than any run. */
const FOREVER = 100_000;
/** Seconds; an answer that takes longer fails the run. */
const TIMEOUT = 10;

/** One walk sets a line of every flat to false, the next one to true: every update is a real write. */
function encodeBodies({ work, flats, first = 1, after }: Job): readonly string[] {
  const encode = (body: unknown): string => JSON.stringify(body);
  const inOrder = (step = 1) => Array.from({ length: flats / step }, (_, i) => first + i * step);
  const bothWays = (ids: readonly number[], body: (id: number, available: boolean) => unknown) =>
    [false, true].flatMap((available) => ids.map((id) => encode(body(id, available))));

  switch (work) {
    case 'rest':
      return bothWays(inOrder(), (id, is_analog_line_available) => {
        const { intercomId: intercom_id, flat } = placeOf(id);
        return { intercom_id, flat, is_analog_line_available };
      });
    case 'graphql':
      return bothWays(inOrder(), (id, isAnalogLineAvailable) => ({
        query: SINGLE_UPDATE,
        variables: { input: { ...placeOf(id), isAnalogLineAvailable } },
      }));
    case 'bulk':
      return bothWays(inOrder(BULK), (id, available) => {
        // Another line than single updates set, so that they can go on beside it and each is a real write all the same.
        const updates = Array.from({ length: BULK }, (_, i) => ({
          ...placeOf(id + i),
          isLandlineSipLineAvailable: available,
        }));
        return { query: BULK_UPDATE, variables: { updates } };
      });
    case 'restById':
      return bothWays(atRandom(flats), (flat_id, is_analog_line_available) => ({ flat_id, is_analog_line_available }));
    case 'read':
      return atRandom(flats).map((flatId) => encode({ query: READ, variables: { by: { flatId } } }));
    case 'page':
      // The flats of one number, each on another intercom.
      return Array.from({ length: FLATS_PER_INTERCOM }, (_, i) => encode({ query: PAGE, variables: { flat: i + 1 } }));
    case 'pageAfter':
      return [encode({ query: PAGE_AFTER, variables: { after } })];
  }
}

/** Distinct record ids, the same ones in every run (a xorshift generator with a fixed seed). */
function atRandom(flats: number): readonly number[] {
  const ids = new Set<number>();
  let state = 20_261_123;
  while (ids.size < Math.min(flats / 2, RANDOM_FLATS)) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    ids.add(1 + ((state >>> 0) % flats));
  }
  return [...ids];
}

interface Run {
  readonly seconds: number;
  /** Where the walk begins. */
  readonly first: number;
  /** Ends it before its time. */
  readonly answers?: number;
  readonly onClock?: () => void;
}

/** Sends a load to a server. `onClock` is told when its clock starts, and when it stops. */
export async function load(job: Job, onClock: () => void = () => {}): Promise<LoadResult> {
  const { url, work, connections, warmup, seconds, answers, sent: before = 0 } = job;
  if (spawnSync('wrk', ['-v']).error)
    throw new Error('wrk is missing, which sends the load (Debian: apt-get install wrk)');
  await using folder = await tempFolder();
  const bodies = folder.file('bodies');
  await writeFile(bodies, encodeBodies(job).join('\n'));
  const request = work.startsWith('rest') ? `PATCH ${REST_PATH}` : 'POST /graphql';

  async function run({ seconds, first, answers = 0, onClock }: Run): Promise<Omit<LoadResult, 'unanswered'>> {
    const options = ['-t1', `-c${connections}`, `-d${seconds}`, `--timeout=${TIMEOUT}`, '-s', SCRIPT];
    const args = [bodies, request, String(first), WANTED[work], String(answers)];
    await using generator = spawnProgram('wrk', [...options, url, '--', ...args], {
      env: { PATH: process.env['PATH'] ?? '' },
    });
    if (onClock) generator.printed(/clock starts/).then(onClock, () => {});
    const { code, stdout, stderr } = await generator.exit;
    onClock?.();
    const figures = /^{.*$/m.exec(stdout)?.[0];
    if (code !== 0 || figures === undefined) throw new Error(`wrk ended with ${code}: ${stderr}`);
    return JSON.parse(figures);
  }

  const warm = warmup > 0 ? await run({ seconds: warmup, first: before }) : { sent: 0, answered: 0 };
  const result = await run({
    ...{ seconds: seconds ?? FOREVER, first: before + warm.sent, onClock },
    ...(answers !== undefined && { answers }),
  });
  const sent = warm.sent + result.sent;
  return { ...result, sent, unanswered: sent - warm.answered - result.answered };
}

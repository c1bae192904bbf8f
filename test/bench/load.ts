// The load, as a process of its own: autocannon, with one walk over the flats that all of its connections share (a list of
// requests would start each connection at the same flat, and most updates would change nothing). Bodies are encoded before
// the clock starts and answers are only searched for a few texts, so that the generator stays cheap. An answer that is no
// success ends it with exit code 1.
import { createHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';
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
  /** Ends after this many seconds, or after this many answers. */
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
  /** All requests that were sent; each was answered. */
  readonly sent: number;
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
/** What no successful answer holds: the end of `"__typename":"ValidationError"`, and the errors of GraphQL and REST. */
const UNWANTED = ['Error"', '"errors"'];

/** Seconds: longer than any run. */
const FOREVER = 100_000;

interface Requests {
  readonly method: 'PATCH' | 'POST';
  readonly path: string;
  readonly bodies: readonly string[];
}

function requestsOf(job: Job): Requests {
  const bodies = encodeBodies(job);
  return job.work.startsWith('rest')
    ? { method: 'PATCH', path: '/api/v1/billing/intercom-flats', bodies }
    : { method: 'POST', path: '/graphql', bodies };
}

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

/** Every connection sends the next request of the walk as soon as the answer to its last one is there. */
async function run(job: Job): Promise<LoadResult> {
  const { url, work, connections, sent: before = 0, warmup, seconds, answers = Number.POSITIVE_INFINITY } = job;
  const { method, path, bodies } = requestsOf(job);
  const latencies = createHistogram();
  const start = performance.now() + warmup * 1_000;
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : start + seconds * 1_000;
  let sent = 0;
  let ending = false;
  let answered = 0;
  let last = start;

  const { promise: allOver, resolve } = Promise.withResolvers<void>();
  const options: autocannon.Options = {
    url,
    connections,
    // Each connection ends after the answer that finds the time over, so that no request is left without one.
    duration: FOREVER,
    timeout: FOREVER,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    requests: [
      {
        method,
        path,
        setupRequest: (request) => {
          // A connection that was ended asks once more, for nothing.
          if (ending) return request;
          return { ...request, body: bodies[(before + sent++) % bodies.length] as string };
        },
      },
    ],
    verifyBody: (body) => expectSuccess(work, String(body)),
  };
  // Its own results are of no use: they know nothing of the warm-up.
  const instance = autocannon(options, () => {});
  let driving = connections;
  instance.on('response', (client, status, _bytes, milliseconds) => {
    if (status !== 200) throw new Error(`an answer has the status ${status}`);
    const now = performance.now();
    if (now >= start && now < end) {
      answered++;
      last = now;
      latencies.record(Math.max(1, Math.round(milliseconds * 1e6)));
    }
    if (!ending && (sent >= answers || now >= end)) {
      ending = true;
      mark('clock stops');
    }
    if (!ending) return;
    (client as autocannon.Client & { destroy(): void }).destroy();
    if (--driving === 0) setImmediate(resolve);
  });
  instance.on('reqError', (error) => {
    throw error;
  });

  setTimeout(mark, Math.max(1, start - performance.now()), 'clock starts');
  await allOver;
  const [p50, p99] = [latencies.percentile(50) / 1e6, latencies.percentile(99) / 1e6];
  return { perSecond: (answered * 1_000) / (last - start), p50, p99, answered, sent };
}

const mark = (text: string) => process.stdout.write(`${text}\n`);

function expectSuccess(work: Work, body: string): true {
  if (body.includes(WANTED[work]) && !UNWANTED.some((it) => body.includes(it))) return true;
  throw new Error(`an answer is no success: ${body.slice(0, 1_000)}`);
}

process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '')))}\n`, () => process.exit());

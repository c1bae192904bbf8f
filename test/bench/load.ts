// The load, as a process of its own: connections that send the next request as soon as the answer to the last one is
// there. Requests are encoded before the clock starts and answers are only searched for two texts, so that the generator
// stays cheaper than every side; one that is dearer than the servers would make all of them look alike. An answer that is
// no success ends it with exit code 1.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { BULK, FLATS_PER_INTERCOM, placeOf } from './database.ts';

export type Work = 'rest' | 'graphql' | 'bulk' | 'restById' | 'read' | 'page' | 'pageAfter';

export interface Job {
  readonly url: string;
  readonly work: Work;
  /** How many flats there are. They are taken in order, or at random where a work names them by record id. */
  readonly flats: number;
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
const UNWANTED = ['Error"', '"errors"'].map((it) => Buffer.from(it));

/** One walk sets a line of every flat to false, the next one to true: every update is a real write. */
function encodeRequests({ url, work, flats, after }: Job): readonly Buffer[] {
  const { host } = new URL(url);
  const [method, path] = work.startsWith('rest') ? ['PATCH', '/api/v1/billing/intercom-flats'] : ['POST', '/graphql'];
  const encode = (body: unknown): Buffer => {
    const text = JSON.stringify(body);
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
    return Buffer.from(`${head}Accept: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const inOrder = (step = 1) => Array.from({ length: flats / step }, (_, i) => 1 + i * step);
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

async function run(job: Job): Promise<LoadResult> {
  const requests = encodeRequests(job);
  const wanted = Buffer.from(WANTED[job.work]);
  const latencies = createHistogram();
  const { sent: before = 0, warmup, seconds, answers = Number.POSITIVE_INFINITY } = job;
  const start = performance.now() + warmup * 1_000;
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : start + seconds * 1_000;
  let sent = 0;
  let answered = 0;
  let last = start;

  /** Sends requests over one connection, one after another, until the time is over. */
  async function drive(socket: Socket): Promise<void> {
    await once(socket, 'connect');
    socket.setNoDelay(true);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let sentAt = 0;
    let received: Buffer | undefined;
    let size = 0;

    const send = () => {
      sentAt = performance.now();
      if (sentAt >= end || sent >= answers) return resolve();
      socket.write(requests[(before + sent++) % requests.length] as Buffer);
    };
    socket.on('data', (chunk) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      if (size === 0) size = sizeOf(received);
      if (size === 0 || received.length < size) return;
      const answer = received;
      if (!answer.includes(wanted) || UNWANTED.some((it) => answer.includes(it))) throw noSuccess(answer);
      const now = performance.now();
      if (now >= start && now < end) {
        answered++;
        last = now;
        latencies.record(Math.max(1, Math.round((now - sentAt) * 1e6)));
      }
      received = undefined;
      size = 0;
      send();
    });
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('error', reject);
    send();
    await promise;
    socket.removeAllListeners('close').destroy();
  }

  const mark = (text: string) => process.stdout.write(`${text}\n`);
  setTimeout(mark, Math.max(1, start - performance.now()), 'clock starts');
  if (seconds !== undefined) setTimeout(mark, end - performance.now(), 'clock stops');
  const { hostname, port } = new URL(job.url);
  await Promise.all(Array.from({ length: job.connections }, () => drive(connect(Number(port), hostname))));
  const [p50, p99] = [latencies.percentile(50) / 1e6, latencies.percentile(99) / 1e6];
  return { perSecond: (answered * 1_000) / (last - start), p50, p99, sent };
}

/** How many bytes a whole answer has; 0 as long as its head is not there. */
function sizeOf(received: Buffer): number {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const head = received.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) throw noSuccess(received);
  return end + 4 + Number(length);
}

const noSuccess = (answer: Buffer): Error => new Error(`an answer is no success: ${answer.toString().slice(0, 1_000)}`);

process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '')))}\n`);

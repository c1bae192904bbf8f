import { setTimeout as sleep } from 'node:timers/promises';
import { subscribe } from '../support/sse.ts';
import { placeOf } from './database.ts';

export interface FeedJob {
  /** The instance that gets the updates, 1,000 a second. */
  readonly updates: string;
  /** The instances that are followed, and by how many followers of everything each. */
  readonly followed: readonly string[];
  readonly followers: number;
  readonly flats: number;
  /** Seconds before the clock starts, and while it runs. */
  readonly warmup: number;
  readonly seconds: number;
}

const QUERY =
  'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
/** Ten updates every ten milliseconds. */
const CALLS_PER_SECOND = 100;
const UPDATES = 10;

/** The 99th percentile of the time from a commit to its arrival at the followers of each instance, in milliseconds. */
export async function feedDelays(job: FeedJob): Promise<readonly number[]> {
  const following = await Promise.all(job.followed.map((url) => followAll(url, job)));
  // Each call by the clock, and not by the answer to the one before.
  const begun = performance.now();
  const calls: Promise<unknown>[] = [];
  for (let call = 0; call < (job.warmup + job.seconds) * CALLS_PER_SECOND; call++) {
    calls.push(update(job, call));
    await sleep(Math.max(0, begun + ((call + 1) * 1_000) / CALLS_PER_SECOND - performance.now()));
  }
  await Promise.all(calls);
  return Promise.all(following.map((it) => it.end()));
}

async function update({ updates: url, flats }: FeedJob, call: number): Promise<void> {
  const updates = Array.from({ length: UPDATES }, (_, i) => ({
    ...placeOf(1 + ((call * UPDATES + i) % flats)),
    isAnalogLineAvailable: Math.floor((call * UPDATES + i) / flats) % 2 === 1,
  }));
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { updates } }),
  });
  const text = await response.text();
  if (text.split('UpdateIntercomFlatSuccess').length !== UPDATES + 1) throw new Error(`an update was refused: ${text}`);
}

async function followAll(url: string, { followers, warmup, seconds }: FeedJob) {
  const perSecond = CALLS_PER_SECOND * UPDATES * followers;
  const [ignored, expected] = [warmup * perSecond, (warmup + seconds) * perSecond];
  const delays: number[] = [];
  let arrived = 0;
  const streams = await Promise.all(
    Array.from({ length: followers }, () => subscribe(url, 'subscription { intercomFlatChanged { changedAt } }')),
  );
  for (const stream of streams) {
    (async () => {
      for await (const { data } of stream.events) {
        arrived++;
        if (arrived <= ignored) continue;
        const { changedAt } = (data as unknown as { intercomFlatChanged: { changedAt: string } }).intercomFlatChanged;
        delays.push(Date.now() - Date.parse(changedAt));
      }
    })().catch(() => {});
  }
  return {
    async end(): Promise<number> {
      for (let waited = 0; arrived < expected && waited < 100; waited++) await sleep(50);
      if (arrived !== expected) throw new Error(`${arrived} of ${expected} changes arrived`);
      for (const stream of streams) stream.close();
      return delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] as number;
    },
  };
}

// Single updates as a process of its own: `PATCH`es at a fixed rate, whether or not the ones before were answered (an
// open loop), over a fixed number of connections. Latency counts from the moment at which a `PATCH` was due, so that waiting for a
// free connection is part of it. An answer other than 200 ends it with exit code 1.
import { setPriority } from 'node:os';
import { REST_PATH } from '../../../src/rest/address.ts';
import { type RawClient, rawClient } from '../../support/raw-client.ts';
import { placeOf } from '../database.ts';
import { isAnalogAt } from './database.ts';

export interface PatchJob {
  readonly url: string;
  readonly token: string;
  readonly flats: number;
  /** How many this database has seen: the walk over the flats goes on where it stopped. */
  readonly sent: number;
  readonly perSecond: number;
  readonly connections: number;
  /** What is due in this span counts; milliseconds since 1970. What is sent before warms up. */
  readonly from: number;
  readonly to: number;
}

export interface PatchResult {
  /** All that were sent, each answered by 200. */
  readonly sent: number;
  /** How many of them count. */
  readonly counted: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Greater than the number of flats, and prime: each walk meets every flat once, in no order. */
const STEP = 15_485_863;

/** Each walk sets a line of every flat to what it is not. */
function bodyOf(index: number, flats: number): string {
  const id = 1 + ((index * STEP) % flats);
  const { intercomId: intercom_id, flat } = placeOf(id);
  const isBack = Math.floor(index / flats) % 2 === 1;
  return JSON.stringify({ intercom_id, flat, is_analog_line_available: isAnalogAt(id) === isBack });
}

async function run(job: PatchJob): Promise<PatchResult> {
  const { flats, sent: before, from, to } = job;
  const everyMs = 1_000 / job.perSecond;
  const now = () => performance.timeOrigin + performance.now();
  const headers = `Authorization: Bearer ${job.token}\r\nContent-Type: application/json\r\n`;
  const idle = Array.from({ length: job.connections }, () => rawClient(job.url, true, headers));
  const waiting: { readonly dueAt: number; readonly body: string }[] = [];
  const latencies: number[] = [];
  let [sent, answered] = [0, 0];
  const { promise: allAnswered, resolve, reject } = Promise.withResolvers<void>();
  const begun = now();
  if (begun > from) throw new Error('the machine is too busy: the load came up too late');
  const dueAt = () => begun + sent * everyMs;

  async function sendWaiting(client: RawClient): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answer = await client.send('PATCH', REST_PATH, next.body);
      if (answer.kind !== 'answered' || answer.status !== 200) {
        throw new Error(`a PATCH got: ${JSON.stringify(answer)}`);
      }
      if (next.dueAt >= from) latencies.push(now() - next.dueAt);
      answered++;
    }
    idle.push(client);
    if (dueAt() >= to && answered === sent) resolve();
  }

  function sendDue(): void {
    for (; dueAt() <= now() && dueAt() < to; sent++) {
      waiting.push({ dueAt: dueAt(), body: bodyOf(before + sent, flats) });
      const client = idle.shift();
      if (client) sendWaiting(client).catch(reject);
    }
    if (dueAt() < to) setTimeout(sendDue, Math.max(1, dueAt() - now()));
  }
  sendDue();
  await allAnswered;

  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] as number;
  return { sent, counted: latencies.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

// Who measures must not wait for those who load the machine; only root may ask for that.
try {
  setPriority(-10);
} catch {}
run(JSON.parse(process.argv[2] ?? '')).then(
  (result) => process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit()),
  (error: Error) => process.stderr.write(`${error.message}\n`, () => process.exit(1)),
);

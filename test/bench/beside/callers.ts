// Heavy callers, all in one process: each sends its next call as soon as its last one is answered, until SIGTERM. Answers
// are searched for a few texts and their bytes counted, not parsed. A call that fails ends the process with exit code 1.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { CALLS, type CallName, type NextBody } from './calls.ts';

export interface CallersJob {
  readonly url: string;
  readonly token: string;
  readonly callers: readonly CallName[];
  /** Callers of other jobs on this database, whose flats are not for these. */
  readonly firstCaller: number;
  /** Answers in this span count; milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface CallersResult {
  readonly calls: number;
  readonly bytes: number;
}

/** What no successful answer holds: errors, and the ends of `"__typename":"ValidationError"` and its like. */
const UNWANTED = ['"errors"', 'Error"', '"NotApplied"', '"FlatsInUse"', '"VersionConflict"'];
/** Enough for a cursor. */
const END_BYTES = 400;

const { url, token, callers, firstCaller, from, to }: CallersJob = JSON.parse(process.argv[2] ?? '');
let isStopping = false;
let [calls, bytes] = [0, 0];

async function call(agent: Agent, body: string): Promise<Buffer> {
  const sent = request(`${url}/graphql`, {
    method: 'POST',
    agent,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Accept: 'application/json',
    },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const answer = Buffer.concat(pieces);
  if (response.statusCode !== 200 || UNWANTED.some((it) => answer.includes(it))) {
    throw new Error(`a call got ${response.statusCode}: ${body.slice(0, 300)}\n${answer.toString().slice(0, 1_000)}`);
  }
  return answer;
}

async function keepCalling(next: NextBody): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let end = '';
  while (!isStopping) {
    const answer = await call(agent, next(end));
    end = answer.subarray(-END_BYTES).toString('latin1');
    const now = Date.now();
    if (now < from || now > to) continue;
    calls++;
    bytes += answer.length;
  }
}

process.on('SIGTERM', () => {
  isStopping = true;
});
Promise.all(callers.map((name, index) => keepCalling(CALLS[name](firstCaller + index)))).then(
  () => process.stdout.write(`${JSON.stringify({ calls, bytes })}\n`, () => process.exit()),
  (error: Error) => process.stderr.write(`${error.message}\n`, () => process.exit(1)),
);

// `npm run bench:slow`: what slow senders cost other callers. One server, one load of single updates over REST, in turns
// alone and beside 500 connections that drip headers or bodies; whoever is cut off comes again. Exit code 1 when the p99
// of the others is twice the usual one or more.
//
//   --seconds N   how long each turn takes, 8 by default
//   --out FILE    write what is printed to a file as well
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Dripping, dripBody, dripHeaders } from '../support/drip.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { placeFlats } from './database.ts';
import { type LoadResult, load } from './load.ts';
import { expectLogged, stop } from './sides.ts';
import { fixed, median, table, whole } from './table.ts';

const FLATS = 10_000;
const CONNECTIONS = 8;
const SLOW = 500;
/** How often each slow sender sends a little, in milliseconds. */
const EVERY = 1_000;
/** Slow senders are cut off sooner than by default, so that many are in each turn. */
const SOONER = { HEADERS_TIMEOUT: '2', REQUEST_TIMEOUT: '4' };
const ROUNDS = 3;
const WARMUP = 2;
const TARGET = 2;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '8' }, out: { type: 'string' } } });

await using folder = await tempFolder();
const file = folder.file('flats.db');
await placeFlats(file, 1, FLATS);
const alone: LoadResult[] = [];
const beside: LoadResult[] = [];
let [sent, unanswered, cutOff] = [0, 0, 0];
{
  await using server = await spawnServer(file, SOONER);
  const { url } = server;
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1}\n`);
    alone.push(await loadOnce(url));
    const end = keepDripping(url);
    beside.push(await loadOnce(url));
    cutOff += end();
  }
  await stop(server);
}
expectLogged(file, sent, unanswered);

const p99Of = (results: readonly LoadResult[]) => median(results.map((it) => it.p99));
const ratio = p99Of(beside) / p99Of(alone);
const row = (name: string, results: readonly LoadResult[]) => [
  name,
  whole(median(results.map((it) => it.perSecond))),
  fixed(median(results.map((it) => it.p50))),
  fixed(p99Of(results)),
];
const text = `${table(['REST updates', 'per second', 'p50 ms', 'p99 ms'], [row('alone', alone), row(`beside ${SLOW} slow senders`, beside)])}
p99 is ${fixed(ratio)} times the usual one (target: under ${TARGET}); ${whole(cutOff)} slow senders were cut off.
`;
process.stdout.write(text);
if (values.out) await writeFile(values.out, text);
process.exitCode = ratio < TARGET ? 0 : 1;

async function loadOnce(url: string): Promise<LoadResult> {
  const seconds = Number(values.seconds);
  const result = await load({
    url,
    work: 'rest',
    flats: FLATS,
    connections: CONNECTIONS,
    warmup: WARMUP,
    seconds,
    sent,
  });
  sent += result.sent;
  unanswered += result.unanswered;
  return result;
}

/** Keeps as many slow senders going as there shall be; the result ends them, and tells how many the service cut off. */
function keepDripping(url: string): () => number {
  const open = new Set<Dripping>();
  let ended = false;
  let cut = 0;
  const drip = (index: number): void => {
    const one = (index % 2 === 0 ? dripHeaders : dripBody)(url, EVERY);
    open.add(one);
    one.ended.then(() => {
      open.delete(one);
      if (ended) return;
      cut++;
      drip(index);
    });
  };
  for (let index = 0; index < SLOW; index++) drip(index);
  return () => {
    ended = true;
    for (const { socket } of open) socket.destroy();
    return cut;
  };
}

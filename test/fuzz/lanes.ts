// Is an answer the same whichever way its request comes, and however often? Three services on copies of one database are
// sent the same operations in the same order: a whole one, one that has nothing but Yoga, and one whose threads answer
// what takes long.

import { copyFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createGraphQLDoor, createYogaDoor, type GraphQLDoor } from '../../src/graphql/http/door.ts';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import { createReaderPool } from '../../src/service/readers/reader-pool.ts';
import { openServiceStore, openStore, type ThreadedStore } from '../../src/store/open.ts';
import { openDoor } from '../support/door.ts';
import { TESTER } from '../support/origin.ts';
import { NOON, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { hostileDocument, operationOf } from './documents.ts';
import { type Random, randomOf } from './random.ts';
import { FLATS_PER_INTERCOM, INTERCOMS } from './rest.ts';
import { oddJson } from './values.ts';

export interface LanesOutcome {
  readonly sent: number;
  readonly findings: readonly string[];
  /** How many of the answers had data, and how many had errors. */
  readonly data: number;
  readonly errors: number;
}

/** How often each operation is sent to each service. */
const TIMES = 6;

const TYPES = [
  'application/json',
  '*/json',
  'application / graphql-response+json ; charset=utf-8',
  'application/graphql-response+json',
  '*/*',
  'text/html, application/*',
];

/** The parts of a body but for the query. */
function partsOf(random: Random): { readonly query: string; readonly parts: readonly string[] } {
  if (random.chance(0.05)) return { query: hostileDocument(random), parts: [] };
  const kind = random.weighted([
    [7, 'query'],
    [4, 'mutation'],
  ] as const);
  const { document, variables } = operationOf(random, kind);
  const odd = random.chance(0.1) ? random.pick(['null', '[]', oddJson(random)]) : variables;
  const parts = random.chance(0.95) ? [`"variables": ${odd}`] : [];
  if (random.chance(0.1)) parts.push(`"operationName": ${random.pick(['"Q"', '""', 'null', '"Nope"'])}`);
  if (random.chance(0.1))
    parts.push(`"extensions": ${random.pick(['[]', '{}', 'null', '{"a": [1]}', '1', '{"cost": true}'])}`);
  return { query: document, parts };
}

/** Threads that answer what takes long, for which it is always noon. */
const createReaders = (store: ThreadedStore, { report, stop }: Pick<GraphQLDoor, 'report' | 'stop'>) =>
  createReaderPool({
    ...{
      threads: 2,
      atOnce: 1,
      maxWaiting: 10,
      deadline: 30_000,
      connect: store.connect,
      report,
      logInfo: () => {},
      stop,
    },
    rules: { limits: DEFAULT_LIMITS, introspection: true },
    about: { name: undefined, version: '0.0.0' },
    program: new URL('./noon-reader.ts', import.meta.url),
  });

export async function runLanes({ seed, count }: { seed: number; count: number }): Promise<LanesOutcome> {
  await using folder = await tempFolder();
  const files = [folder.file('plain.db'), folder.file('yoga.db'), folder.file('threads.db')] as const;
  {
    await using store = openStore({ file: files[0] });
    await store.importRows(
      TESTER,
      Array.from({ length: INTERCOMS * FLATS_PER_INTERCOM }, (_, i) => ({
        ...{ intercomId: 1 + Math.floor(i / FLATS_PER_INTERCOM), flat: 1 + (i % FLATS_PER_INTERCOM), lines: {} },
        ...{ keys: [`K${i % 40}`], users: [`u${i % 40}`] },
      })),
    );
  }
  for (const file of files.slice(1)) await copyFile(files[0], file);
  await using plain = await start({ file: files[0] });
  await using store = openStore({ file: files[1] }, { now: () => NOON });
  await using yoga = await openDoor(createYogaDoor, store);
  const writer = new URL('../store/clocked-writer.ts', import.meta.url);
  const writerData = { clock: new Float64Array([NOON]) };
  await using threadedStore = await openServiceStore({ file: files[2] }, { writer, writerData, onWriterEnd: () => {} });
  await using pools = new AsyncDisposableStack();
  const createThreadedDoor = (door: GraphQLDoor) =>
    createGraphQLDoor({ ...door, readers: pools.use(createReaders(threadedStore, door)) });
  await using threads = await openDoor(createThreadedDoor, threadedStore);
  const outcome = { sent: 0, data: 0, errors: 0 };
  const findings: string[] = [];

  for (let index = 0; index < count && findings.length < 10; index++) {
    const random = randomOf(seed, index);
    const { query, parts } = partsOf(random);
    const cost = random.chance(0.1) ? { 'graphql-cost': '1' } : {};
    const headers = { 'content-type': 'application/json', accept: random.pick(TYPES), ...cost };
    const body = `{${[`"query": ${JSON.stringify(query)}`, ...parts].join(', ')}}`;
    const send = async (url: string) => {
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
      const { status } = response;
      const type = response.headers.get('content-type');
      if (type !== 'text/event-stream') return { status, type, text: await response.text() };
      // A subscription has no end of its own.
      await response.body?.cancel();
      return { status, type, text: '' };
    };
    for (let time = 0; time < TIMES; time++) {
      const answers = await Promise.all([plain, yoga, threads].map(({ url }) => send(url)));
      const [a, b, c] = answers.map((it) => JSON.stringify(it));
      outcome.sent++;
      const { text = '' } = answers[0] ?? {};
      if (text.includes('"data":{')) outcome.data++;
      if (text.includes('"errors":[')) outcome.errors++;
      if (a === b && a === c) continue;
      findings.push(
        `input ${index} of seed ${seed}, sent for time ${time + 1}: ${query} ${parts.join(', ')}\n  ${a}\n  ${b}\n  ${c}`,
      );
      break;
    }
  }
  for (const { faults } of [plain, yoga, threads]) findings.push(...faults.slice(0, 5));
  return { ...outcome, findings };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string' } } });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const { sent, findings, data, errors } = await runLanes({ seed, count: Number(values.count ?? 5_000) });
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.stdout.write(
    `seed ${seed}: ${sent} operations, ${data} answers with data, ${errors} with errors, ${findings.length} findings\n`,
  );
  process.exitCode = findings.length > 0 ? 1 : 0;
}

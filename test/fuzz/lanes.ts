// Is an answer the same whichever way its request comes, and however often? Two services on copies of one database are
// sent the same operations in the same order: the whole one, and one that has nothing but Yoga.
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { LOCAL } from '../../src/domain/caller.ts';
import { createYogaDoor } from '../../src/graphql/http/door.ts';
import { createExchanges } from '../../src/http/exchange/exchange.ts';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import { openStore } from '../../src/store/open.ts';
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
  if (random.chance(0.1)) parts.push(`"extensions": ${random.pick(['[]', '{}', 'null', '{"a": [1]}', '1'])}`);
  return { query: document, parts };
}

/** Yoga alone on a port of its own, for a caller on this machine. */
async function startYoga(file: string) {
  const store = openStore({ file }, { now: () => NOON });
  const stop = new AbortController();
  const faults: string[] = [];
  const handle = createYogaDoor({
    ...{ store, now: () => NOON, introspection: true, limits: DEFAULT_LIMITS, stop: stop.signal },
    report: (fault) => void faults.push(String(fault)),
    logInfo: () => {},
    reserve: () => true,
    beginStream: () => true,
  });
  const exchanges = createExchanges([], () => undefined);
  const server = createServer(async (request, response) => {
    const exchange = exchanges.begin(request, response);
    exchange.caller = LOCAL;
    await handle(exchange, Buffer.concat(await request.toArray()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    async [Symbol.asyncDispose]() {
      stop.abort();
      server.closeAllConnections();
      server.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

export async function runLanes({ seed, count }: { seed: number; count: number }): Promise<LanesOutcome> {
  await using folder = await tempFolder();
  const files = [folder.file('plain.db'), folder.file('yoga.db')] as const;
  {
    await using store = openStore({ file: files[0] });
    await store.importRows(
      Array.from({ length: INTERCOMS * FLATS_PER_INTERCOM }, (_, i) => ({
        ...{ intercomId: 1 + Math.floor(i / FLATS_PER_INTERCOM), flat: 1 + (i % FLATS_PER_INTERCOM), lines: {} },
        ...{ keys: [`K${i % 40}`], users: [`u${i % 40}`] },
      })),
    );
  }
  await copyFile(...files);
  await using plain = await start({ file: files[0] });
  await using yoga = await startYoga(files[1]);
  const outcome = { sent: 0, data: 0, errors: 0 };
  const findings: string[] = [];

  for (let index = 0; index < count && findings.length < 10; index++) {
    const random = randomOf(seed, index);
    const { query, parts } = partsOf(random);
    const headers = { 'content-type': 'application/json', accept: random.pick(TYPES) };
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
      const [a, b] = await Promise.all([send(plain.url), send(yoga.url)]);
      outcome.sent++;
      if (a.text.includes('"data":{')) outcome.data++;
      if (a.text.includes('"errors":[')) outcome.errors++;
      if (a.status === b.status && a.type === b.type && a.text === b.text) continue;
      findings.push(
        `input ${index} of seed ${seed}, sent for time ${time + 1}: ${query} ${parts.join(', ')}\n  ${JSON.stringify(a)}\n  ${JSON.stringify(b)}`,
      );
      break;
    }
  }
  findings.push(...plain.faults.slice(0, 5), ...yoga.faults.slice(0, 5));
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

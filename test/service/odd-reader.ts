import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { ReaderAnswer, ReaderRequest } from '../../src/graphql/http/readers.ts';
import type { ReaderData } from '../../src/service/readers/reader.ts';
import { serveCalls } from '../../src/threads/calls.ts';
import { until } from '../support/until.ts';

// The program of a reader's thread that does what the address of a request says.

const { port, store } = workerData as ReaderData & { readonly store: { readonly gates: Int32Array } };
const { gates } = store;

/** Resolves once the test has opened a gate. */
const opened = (gate: string) => until(() => Atomics.load(gates, Number(gate)) === 1, 1);

const send = serveCalls(port, {
  async answer(id: number, { url }: ReaderRequest): Promise<ReaderAnswer> {
    const [, task = '', gate = ''] = url.split('/');
    if (task === 'hold') await opened(gate);
    if (task === 'hang') for (Atomics.store(gates, Number(gate), 1); ; );
    if (task === 'die') setImmediate(() => process.exit(3));
    if (task === 'write') send({ released: id });
    if (task === 'write') await opened(gate);
    if (task === 'die') await sleep(600_000);
    const body = new TextEncoder().encode(url);
    return { status: 200, headers: {}, body, operation: undefined, codes: undefined };
  },
  leave: async () => {},
  stop: async () => {},
  ping: async () => {},
});

import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { ReaderAnswer, ReaderRequest } from '../../src/graphql/http/readers.ts';
import type { ReaderData } from '../../src/service/readers/reader.ts';
import { serveCalls } from '../../src/threads/calls.ts';

// The program of a reader's thread that does what the address of a request says.

const { port } = workerData as ReaderData;

const send = serveCalls(port, {
  async answer(id: number, { url }: ReaderRequest): Promise<ReaderAnswer> {
    const [, task = '', ms = '0'] = url.split('/');
    if (task === 'wait') await sleep(Number(ms));
    if (task === 'hang') for (;;);
    if (task === 'die') setImmediate(() => process.exit(3));
    if (task === 'write') send({ released: id });
    if (task === 'die' || task === 'write') await sleep(Number(ms || 600_000));
    const body = new TextEncoder().encode(url);
    return { status: 200, headers: {}, body, operation: undefined, codes: undefined };
  },
  leave: async () => {},
  stop: async () => {},
  ping: async () => {},
});

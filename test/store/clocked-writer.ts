import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveWriter, type WriterData } from '../../src/store/sqlite/threads/writer.ts';

// The program of a writer's thread, with the clock of a test.

const { clock, ...data } = workerData as WriterData & { readonly clock: Float64Array };
serveWriter(parentPort as MessagePort, data, () => clock[0] as number);

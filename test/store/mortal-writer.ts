import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveWriter, type WriterData } from '../../src/store/sqlite/threads/writer.ts';

// The program of a writer's thread that dies of its first write.

const data = workerData as WriterData;
data.port.on('message', () => {
  throw new Error('the writer dies');
});
serveWriter(parentPort as MessagePort, data, Date.now);

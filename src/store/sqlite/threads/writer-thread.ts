import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveWriter, type WriterData } from './writer.ts';

serveWriter(parentPort as MessagePort, workerData as WriterData, Date.now);

import { workerData } from 'node:worker_threads';
import { lowerPriority } from './lower-priority.ts';
import { type ReaderData, serveReader } from './reader.ts';

lowerPriority();
await serveReader(workerData as ReaderData, Date.now);

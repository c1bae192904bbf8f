import { workerData } from 'node:worker_threads';
import { type ReaderData, serveReader } from './reader.ts';

await serveReader(workerData as ReaderData, Date.now);

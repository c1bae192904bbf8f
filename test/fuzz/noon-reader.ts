import { workerData } from 'node:worker_threads';
import { type ReaderData, serveReader } from '../../src/service/readers/reader.ts';
import { NOON } from '../support/noon.ts';

// The program of a reader's thread for which it is always noon.

await serveReader(workerData as ReaderData, () => NOON);

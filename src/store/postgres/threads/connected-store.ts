import type { MessagePort } from 'node:worker_threads';
import type { Calls } from '../../../threads/calls.ts';
import { forgetting } from '../../live-tokens.ts';
import type { ThreadStore, Writes } from '../../store.ts';
import { methodsOf, WRITES } from '../../thread-calls.ts';
import { createReader } from '../read/query.ts';
import { createReads } from '../read/reads.ts';
import { createTokenReads } from '../read/tokens.ts';
import { createReadPool, GRACE_MS, type ReadPoolOptions } from '../server/read-pool.ts';

/** What another thread needs to use the store; the port is transferred to it. */
export interface ServerConnection extends Omit<ReadPoolOptions, 'connections'> {
  readonly epoch: string;
  readonly port: MessagePort;
}

/** Of each thread: a document asks for several lists at once. */
const CONNECTIONS = 2;

/** Reads by connections of its own, and writes by the thread that has opened the store. */
export function connectPostgres({ epoch, port: _, ...options }: ServerConnection, { call }: Calls): ThreadStore {
  const reader = createReader(createReadPool({ ...options, connections: CONNECTIONS }), options.patienceMs + GRACE_MS);
  const tokens = createTokenReads(reader);
  const writes = methodsOf<Writes>(WRITES, (method) => (args) => call(method, args));
  return { ...createReads(reader), ...tokens, ...writes, ...forgetting(writes, tokens.forget), epoch };
}

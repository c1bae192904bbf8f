import type { Address } from './address.ts';
import { createPool, type Pool } from './pool.ts';
import { createPrimary, type PrimaryConnection } from './primary.ts';
import { type SessionOptions, sessionSettings } from './settings.ts';

export interface ReadPoolOptions extends SessionOptions {
  readonly address: Address;
  readonly instance: string;
  readonly connections: number;
}

/** How long an answer may take beyond what the server allows itself: then the connection is given up. */
export const GRACE_MS = 1_000;

const primaryOf = ({ address, readTimeoutMs }: Omit<ReadPoolOptions, 'connections'>) =>
  createPrimary(address, { answerTimeoutMs: readTimeoutMs + GRACE_MS });

/** The connections for reads. */
export function createReadPool(options: ReadPoolOptions): Pool {
  const { connections, instance, patienceMs } = options;
  const primary = primaryOf(options);
  const { read } = sessionSettings(options);
  return createPool({
    size: connections,
    patienceMs,
    connect: (deadline) => primary.connect(instance, read, deadline),
  });
}

/** How long a statement may take that reads or writes a whole table. */
const LONG_MS = 3_600_000;

/** A connection for one long read, or for a copy. */
export const connectForExport = (options: Omit<ReadPoolOptions, 'connections'>): Promise<PrimaryConnection> =>
  primaryOf({ ...options, readTimeoutMs: LONG_MS }).connect(
    options.instance,
    sessionSettings(options).exporting,
    performance.now() + options.patienceMs,
  );

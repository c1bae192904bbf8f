import type { ConnectionOptions } from './connection.ts';

export interface SessionOptions {
  readonly patienceMs: number;
  readonly readTimeoutMs: number;
}

type Settings = ConnectionOptions['settings'];

/** The server's parameters for each kind of session; all of them are said, whatever the server's own are. */
export function sessionSettings({ patienceMs, readTimeoutMs }: SessionOptions) {
  const common = {
    client_encoding: 'UTF8',
    default_transaction_isolation: 'read\\ committed',
    // Indexes are read from memory or from disks without arms; with the default, a walk through the log was preferred to them.
    random_page_cost: 1.1,
    jit: 'off',
  };
  const read: Settings = { ...common, statement_timeout: readTimeoutMs };
  // A transaction whose client is gone must not keep its locks.
  const write: Settings = {
    ...common,
    synchronous_commit: 'on',
    lock_timeout: patienceMs,
    idle_in_transaction_session_timeout: 10_000,
  };
  return { read, write, exporting: { ...common } as Settings };
}

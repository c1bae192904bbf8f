import type { Database } from 'better-sqlite3';

/** Runs reads that must agree: all of them see the database as it was at the first. */
export type Snapshot = <T>(read: () => T) => T;

export function snapshotOf(client: Database): Snapshot {
  const inTransaction = client.transaction((read: () => unknown) => read());
  return <T>(read: () => T) => inTransaction.deferred(read) as T;
}

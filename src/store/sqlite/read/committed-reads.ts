import Sqlite, { type Database } from 'better-sqlite3';
import { createReads, type SqliteReads } from './reads.ts';

type Read = (...args: never[]) => unknown;

/**
 * All reads, of committed data only: while a long write has its transaction open, reads use a connection of their own.
 * Otherwise they share the writer's, whose pages are cached already.
 */
export function createCommittedReads(client: Database, file: string): { readonly reads: SqliteReads; close(): void } {
  const here = createReads(client);
  let aside: { readonly client: Database; readonly reads: SqliteReads } | undefined;

  function current(): SqliteReads {
    if (!client.inTransaction) return here;
    if (!aside) {
      const reader = new Sqlite(file, { readonly: true, timeout: 0 });
      aside = { client: reader, reads: createReads(reader) };
    }
    return aside.reads;
  }

  const names = Object.keys(here) as (keyof SqliteReads)[];
  const reads = names.map((name) => [name, (...args: never[]) => (current()[name] as Read)(...args)]);
  return { reads: Object.fromEntries(reads) as SqliteReads, close: () => aside?.client.close() };
}

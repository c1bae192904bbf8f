import Sqlite, { type Database } from 'better-sqlite3';
import { createReader, type Reader } from './query.ts';

/**
 * Reads committed data only: while a long write has its transaction open, reads use a connection of their own. Otherwise they
 * share the writer's, whose pages are cached already.
 */
export function createCommittedReader(client: Database, file: string): Reader & Disposable {
  const here = createReader(client);
  let aside: { readonly client: Database; readonly reader: Reader } | undefined;

  function current(): Reader {
    if (!client.inTransaction) return here;
    if (!aside) {
      const connection = new Sqlite(file, { readonly: true, timeout: 0 });
      aside = { client: connection, reader: createReader(connection) };
    }
    return aside.reader;
  }

  return {
    rows: (sql, values) => current().rows(sql, values),
    number: (sql, values) => current().number(sql, values),
    snapshot: (read) => current().snapshot(read),
    [Symbol.dispose]: () => aside?.client.close(),
  };
}

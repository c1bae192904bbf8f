import Sqlite from 'better-sqlite3';

/** Reads the database's file beside the service, with a connection of the test's own. */
export function rows(file: string, query: string): unknown[] {
  const client = new Sqlite(file, { readonly: true });
  try {
    return client.prepare(query).all();
  } finally {
    client.close();
  }
}

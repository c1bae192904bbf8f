import Sqlite from 'better-sqlite3';

/**
 * Makes the log of a database begin anew, as if its flats were older than the log's rows about them: the first change after it has the
 * seq 1.
 */
export function forgetImports(file: string): void {
  const client = new Sqlite(file);
  try {
    client.exec(
      "delete from provision_changes; delete from change_set_runs; update sqlite_sequence set seq = 0 where name = 'changes'",
    );
  } finally {
    client.close();
  }
}

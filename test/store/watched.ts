import Sqlite from 'better-sqlite3';
import { createReader } from '../../src/store/sqlite/read/query.ts';
import { createReads } from '../../src/store/sqlite/read/reads.ts';

type Reads = ReturnType<typeof createReads>;

export interface Watched extends Disposable {
  readonly reads: Reads;
  /** The statements that `read` runs, with their values in place; those that only begin and end a snapshot are left out. */
  statementsOf(read: (reads: Reads) => Promise<unknown>): Promise<readonly string[]>;
  /** The steps of SQLite's plan for a statement. */
  planOf(statement: string): readonly string[];
}

/** The reads of a store's file, on a connection of the test's own that keeps what it is told to run. */
export function watch(file: string): Watched {
  const seen: string[] = [];
  const client = new Sqlite(file, { verbose: (sql) => seen.push(String(sql)) });
  const reads = createReads(createReader(client));
  const planner = new Sqlite(file, { readonly: true });
  return {
    reads,
    async statementsOf(read) {
      seen.length = 0;
      await read(reads);
      return seen.filter((sql) => !/^(begin|commit)/i.test(sql));
    },
    planOf: (statement) =>
      (planner.prepare(`explain query plan ${statement}`).all() as { detail: string }[]).map(({ detail }) => detail),
    [Symbol.dispose]() {
      client.close();
      planner.close();
    },
  };
}

import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Store } from '../store.ts';
import { amendments } from './amend.ts';
import { connect } from './connect.ts';
import { flatQueries } from './flats.ts';
import { groupCommit } from './group-commit.ts';
import { logQueries } from './log.ts';
import { placeRows } from './place.ts';

export interface SqliteOptions {
  /** Milliseconds since 1970; read once per write. */
  readonly now: () => number;
  /** How long a write waits for the lock of another process, in milliseconds. */
  readonly lockPatience: number;
  /** How many edits may wait for a commit; beyond it callers are told at once that the storage is busy. */
  readonly maxWaiting: number;
}

/** A store in one SQLite file. */
export function openSqlite(file: string, options: SqliteOptions): Store {
  const client = connect(file);
  const db = drizzle(client);
  const flats = flatQueries(client, db);
  const log = logQueries(client, db);
  const place = placeRows(client, db);
  const commits = groupCommit(client, options);
  const { amend, amendAll } = amendments(client, flats, log);

  return {
    epoch: log.epoch(),
    async findFlat(ref) {
      const found = flats.find(ref);
      return found.kind === 'flat' ? found.flat : undefined;
    },
    amend: (origin, edits, { atomic } = { atomic: false }) =>
      commits.write(edits.length, () => (atomic ? amendAll : amend)(origin, edits, options.now())),
    place: (rows) => commits.write(rows.length, () => place(rows, options.now())),
    async copyTo(copy) {
      await client.backup(copy);
    },
    async [Symbol.asyncDispose]() {
      await commits.drained();
      client.close();
    },
  };
}

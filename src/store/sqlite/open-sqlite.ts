import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Origin } from '../../domain/change.ts';
import type { Edit, Outcome, Store } from '../store.ts';
import { connect } from './connect.ts';
import { type FlatQueries, flatQueries } from './flats.ts';
import { groupCommit } from './group-commit.ts';
import { type LogQueries, logQueries } from './log.ts';
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
  const flats = flatQueries(db);
  const log = logQueries(db);
  const place = placeRows(client, db);
  const commits = groupCommit(client, options);

  return {
    epoch: log.epoch(),
    async findFlat(ref) {
      const found = flats.find(ref);
      return found.kind === 'flat' ? found.flat : undefined;
    },
    amend: (origin, edits) =>
      commits.write(edits.length, () => {
        const now = options.now();
        return edits.map((edit) => amendOne(flats, log, origin, edit, now));
      }),
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

function amendOne(flats: FlatQueries, log: LogQueries, origin: Origin, edit: Edit, now: number): Outcome {
  const decision = edit.decide(flats.find(edit.ref));
  if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
  if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
  const { flat: before, lines, reason } = decision;
  const flat = flats.setLines(before, lines, now);
  const change = log.append({
    ...origin,
    changedAt: now,
    reason,
    flatId: flat.id,
    intercomId: flat.intercomId,
    flat: flat.flat,
    before: before.lines,
    after: flat.lines,
  });
  return { kind: 'written', flat, change };
}

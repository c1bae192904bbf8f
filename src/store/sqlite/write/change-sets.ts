import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { CallSet } from '../../change-set.ts';
import { compile, placeholders } from '../compile.ts';
import { and, eq, sql } from '../drizzle.ts';
import { changeSetRuns } from '../tables.ts';

/** Records which rows of the log are one change set. A call may have several works in a commit, and in several commits. */
export interface ChangeSets {
  /** Comes first in a commit: drops what an earlier attempt of it has begun. */
  begin(): void;
  /** The set that a call has so far, in this commit or an earlier one. */
  find(call: CallSet): number | undefined;
  /** Adds rows of the log, the last ones of it, to the set of a call, and returns that. */
  add(call: CallSet, firstSeq: number, lastSeq: number): number;
  /** Comes after the commit is on disk. */
  committed(): void;
}

export function createChangeSets(client: Database, db: BetterSQLite3Database): ChangeSets {
  const names = ['firstSeq', 'lastSeq', 'changeSet'] as const;
  const insert = compile(client, db.insert(changeSetRuns).values(placeholders(names)), names);
  const extend = compile(
    client,
    db
      .update(changeSetRuns)
      .set({ lastSeq: sql`${sql.placeholder('lastSeq')}` })
      .where(
        and(
          eq(changeSetRuns.changeSet, sql.placeholder('changeSet')),
          sql`${changeSetRuns.lastSeq} = ${sql.placeholder('firstSeq')} - 1`,
        ),
      ),
    ['lastSeq', 'changeSet', 'firstSeq'],
  );
  /** Sets that begin in this commit. */
  const begun = new Map<CallSet, number>();
  const find = (call: CallSet): number | undefined => call.id ?? begun.get(call);

  return {
    begin: () => begun.clear(),
    find,
    add(call, firstSeq, lastSeq) {
      const known = find(call);
      const id = known ?? firstSeq;
      // A row by itself is a set without a run.
      if (known !== undefined && extend.run(lastSeq, id, firstSeq).changes > 0) return id;
      if (known !== undefined || lastSeq > firstSeq) insert.run(firstSeq, lastSeq, id);
      if (known === undefined) begun.set(call, id);
      return id;
    },
    committed() {
      for (const [call, id] of begun) call.id = id;
      begun.clear();
    },
  };
}

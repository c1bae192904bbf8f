import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Change } from '../../../domain/change.ts';
import { LINES, type Line } from '../../../domain/lines.ts';
import { compile, expressions, placeholders } from '../compile.ts';
import { desc, lte, sql } from '../drizzle.ts';
import { toLineColumns } from '../rows.ts';
import { c, text } from '../sql-text.ts';
import { changeLog, changes, clockSteps } from '../tables.ts';

export interface ChangeLog {
  epoch(): string;
  /** Comes first in a commit: returns by how many milliseconds `now` is behind the newest row, or 0. */
  begin(now: number): number;
  /** Comes last: records where the clock went back, if it did. */
  end(): void;
  /** Adds a row and returns it with its place. */
  append(change: Omit<Change, 'seq'>): Change;
  /** Deletes up to `limit` of the oldest rows, none after `upTo`, and never the newest; returns how many. */
  prune(upTo: number, limit: number): number;
}

export function createChangeLog(client: Database, db: BetterSQLite3Database): ChangeLog {
  const names = [
    ...(['changedAt', 'actor', 'channel', 'reason', 'flatId', 'intercomId', 'flat'] as const),
    ...LINES.map((line): `before_${Line}` => `before_${line}`),
    ...LINES.map((line): `after_${Line}` => `after_${line}`),
  ];
  const insert = compile(client, db.insert(changes).values(placeholders(names)), names);

  const newest = compile(
    client,
    db.select({ seq: changes.seq, changedAt: changes.changedAt }).from(changes).orderBy(desc(changes.seq)),
    [],
  ).raw();
  const recordStep = client.prepare(
    text`insert into ${clockSteps} select min(${changes.seq}) from ${changes} where ${changes.seq} > ? having min(${changes.seq}) is not null`,
  );
  const seq = sql.placeholder('seq');
  const dropSteps = compile(client, db.delete(clockSteps).where(lte(clockSteps.seq, seq)), ['seq']);
  /** The newest row before this commit, where the clock is behind it. */
  let ahead: number | undefined;
  const lastToPrune = client
    .prepare(
      text`select max(seq) from (select ${c.seq} as seq from ${changes} ${c}
        where ${c.seq} <= ? and ${c.seq} < (select max(${changes.seq}) from ${changes}) order by ${c.seq} limit ?)`,
    )
    .pluck();
  const remove = compile(client, db.delete(changes).where(lte(changes.seq, seq)), ['seq']);
  const setPrunedTo = compile(client, db.update(changeLog).set(expressions(['prunedTo'])), ['prunedTo']);

  return {
    prune(upTo, limit) {
      const last = lastToPrune.get(upTo, limit) as number | null;
      if (last === null) return 0;
      setPrunedTo.run(last);
      dropSteps.run(last);
      return remove.run(last).changes;
    },
    begin(now) {
      const [seq, changedAt] = (newest.get() as [number, number] | undefined) ?? [0, 0];
      ahead = changedAt > now ? seq : undefined;
      return Math.max(0, changedAt - now);
    },
    end() {
      if (ahead !== undefined) recordStep.run(ahead);
    },
    epoch: () => db.select().from(changeLog).get()?.epoch as string,
    append(change) {
      const { changedAt, actor, channel, reason, flatId, intercomId, flat, before, after } = change;
      const lines = [...toLineColumns(before), ...toLineColumns(after)];
      const { lastInsertRowid } = insert.run(changedAt, actor, channel, reason, flatId, intercomId, flat, ...lines);
      const seq = Number(lastInsertRowid);
      return { seq, changedAt, actor, channel, reason, flatId, intercomId, flat, before, after };
    },
  };
}

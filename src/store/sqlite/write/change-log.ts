import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Change } from '../../../domain/change.ts';
import { LINES, type Line } from '../../../domain/lines.ts';
import { toLineColumns } from '../rows.ts';
import { changeLog, changes } from '../tables.ts';
import { compile, placeholders } from './compile.ts';

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

  const newest = client.prepare('select seq, changed_at from changes order by seq desc limit 1').raw();
  const noteStep = client.prepare(
    'insert into clock_steps (seq) select min(seq) from changes where seq > ? having min(seq) is not null',
  );
  const dropSteps = client.prepare('delete from clock_steps where seq <= ?');
  /** The newest row before this commit, where the clock is behind it. */
  let ahead: number | undefined;
  const lastToPrune = client
    .prepare(
      `select max(seq) from (select seq from changes
         where seq <= ? and seq < (select max(seq) from changes) order by seq limit ?)`,
    )
    .pluck();
  const remove = client.prepare('delete from changes where seq <= ?');
  const setPrunedTo = client.prepare('update change_log set pruned_to = ?');

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
      if (ahead !== undefined) noteStep.run(ahead);
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

import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Change } from '../../domain/change.ts';
import { LINES, type Line } from '../../domain/lines.ts';
import { compile } from './compile.ts';
import { lineColumns } from './flat-columns.ts';
import { placeholders } from './placeholders.ts';
import { changeLog, changes } from './tables.ts';

export interface LogQueries {
  epoch(): string;
  /** The time of the newest row; 0 when there is none. */
  lastTime(): number;
  /** Adds a row and returns it with its place. */
  append(change: Omit<Change, 'seq'>): Change;
  /** Takes up to `limit` of the oldest rows out, none after `upTo`, and never the newest; returns how many. */
  prune(upTo: number, limit: number): number;
}

export function logQueries(client: Database, db: BetterSQLite3Database): LogQueries {
  const names = [
    ...(['changedAt', 'actor', 'channel', 'reason', 'flatId', 'intercomId', 'flat'] as const),
    ...LINES.map((line): `before_${Line}` => `before_${line}`),
    ...LINES.map((line): `after_${Line}` => `after_${line}`),
  ];
  const insert = compile(client, db.insert(changes).values(placeholders(names)), names);

  const lastTime = client.prepare('select changed_at from changes order by seq desc limit 1').pluck();
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
      return remove.run(last).changes;
    },
    lastTime: () => (lastTime.get() as number | undefined) ?? 0,
    epoch: () => db.select().from(changeLog).get()?.epoch as string,
    append(change) {
      const { changedAt, actor, channel, reason, flatId, intercomId, flat, before, after } = change;
      const lines = [...lineColumns(before), ...lineColumns(after)];
      const { lastInsertRowid } = insert.run(changedAt, actor, channel, reason, flatId, intercomId, flat, ...lines);
      const seq = Number(lastInsertRowid);
      return { seq, changedAt, actor, channel, reason, flatId, intercomId, flat, before, after };
    },
  };
}

import type { Database, Statement } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { LinesChange, Origin, ProvisionDraft } from '../../../domain/change.ts';
import { LINES, type Line } from '../../../domain/lines.ts';
import { type CallSet, callSet } from '../../change-set.ts';
import { detailsOf } from '../../rows.ts';
import { toLineColumns } from '../columns.ts';
import { compile, expressions, placeholders } from '../compile.ts';
import { desc, lte, sql } from '../drizzle.ts';
import { c, lastIdOf, pc, setLastIdOf, text } from '../sql-text.ts';
import { changeLog, changeSetRuns, changes, clockSteps, provisionChanges } from '../tables.ts';
import type { ChangeSets } from './change-sets.ts';

export interface ChangeLog {
  epoch(): string;
  /** Comes first in a commit: returns by how many milliseconds `now` is behind the newest row, or 0. */
  begin(now: number): number;
  /** Comes last: records where the clock went back, if it did. */
  end(): void;
  /** Adds a row about lines and returns it with its place; without a change set it begins one. */
  append(change: Omit<LinesChange, 'seq' | 'changeSet'> & { readonly changeSet: number | undefined }): LinesChange;
  /** Adds rows about anything else to the change set of a call, and returns that; without rows it returns what there is so far. */
  appendProvisions(origin: Origin, now: number, drafts: readonly ProvisionDraft[], call?: CallSet): number | undefined;
  /** Deletes up to `limit` of the oldest rows, none after `upTo`, and never the newest; returns how many. */
  prune(upTo: number, limit: number): number;
}

/** The columns of a row, in the order in which they are given. */
const PROVISION_VALUES = [
  ...[provisionChanges.seq, provisionChanges.changedAt, provisionChanges.actor, provisionChanges.channel],
  ...[provisionChanges.reason, provisionChanges.kind, provisionChanges.intercomId, provisionChanges.flatId],
  ...[provisionChanges.flat, provisionChanges.details],
]
  .map((it) => it.name)
  .join(', ');

type Newest = readonly [seq: number, changedAt: number];

export function createChangeLog(client: Database, db: BetterSQLite3Database, sets: ChangeSets): ChangeLog {
  const names = [
    ...(['changedAt', 'actor', 'channel', 'reason', 'flatId', 'intercomId', 'flat'] as const),
    ...LINES.map((line): `before_${Line}` => `before_${line}`),
    ...LINES.map((line): `after_${Line}` => `after_${line}`),
  ];
  const insert = compile(client, db.insert(changes).values(placeholders(names)), names);

  // A statement for each row takes twice as long: an import has a row for each flat.
  const insertProvisions = client.prepare(text`insert into ${provisionChanges} (${PROVISION_VALUES})
    select @head + j.key + 1, @now, @actor, @channel, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value -> 5
    from json_each(@rows) j`);
  const head = client.prepare(lastIdOf(changes)).pluck();
  const [moveHead, beginHead] = setLastIdOf(changes).map((it) => client.prepare(it)) as [Statement, Statement];

  const newest = [changes, provisionChanges].map((table) =>
    compile(
      client,
      db.select({ seq: table.seq, changedAt: table.changedAt }).from(table).orderBy(desc(table.seq)),
      [],
    ).raw(),
  );
  const recordStep = client.prepare(
    text`insert into ${clockSteps} select min(seq) from (select min(${c.seq}) as seq from ${changes} ${c} where ${c.seq} > @seq
      union all select min(${pc.seq}) from ${provisionChanges} ${pc} where ${pc.seq} > @seq) having min(seq) is not null`,
  );
  const seq = sql.placeholder('seq');
  const dropSteps = compile(client, db.delete(clockSteps).where(lte(clockSteps.seq, seq)), ['seq']);
  /** The newest row before this commit, where the clock is behind it. */
  let ahead: number | undefined;
  const lastToPrune = client
    .prepare(
      text`select max(seq) from (
        select seq from (select ${c.seq} as seq from ${changes} ${c} where ${c.seq} <= @upTo order by ${c.seq} limit @limit)
        union all
        select seq from (select ${pc.seq} as seq from ${provisionChanges} ${pc} where ${pc.seq} <= @upTo order by ${pc.seq} limit @limit)
        order by seq limit @limit)`,
    )
    .pluck();
  const removals = [changes, provisionChanges].map((table) =>
    compile(client, db.delete(table).where(lte(table.seq, seq)), ['seq']),
  );
  const dropRuns = compile(client, db.delete(changeSetRuns).where(lte(changeSetRuns.lastSeq, seq)), ['seq']);
  const setPrunedTo = compile(client, db.update(changeLog).set(expressions(['prunedTo'])), ['prunedTo']);

  /** The newest row of either table. */
  const newestRow = (): Newest =>
    newest.map((it) => (it.get() as Newest | undefined) ?? ([0, 0] as const)).reduce((a, b) => (a[0] > b[0] ? a : b));

  return {
    prune(upTo, limit) {
      const [newestSeq] = newestRow();
      const last = lastToPrune.get({ upTo: Math.min(upTo, newestSeq - 1), limit }) as number | null;
      if (last === null) return 0;
      setPrunedTo.run(last);
      dropSteps.run(last);
      dropRuns.run(last);
      return removals.reduce((count, remove) => count + remove.run(last).changes, 0);
    },
    begin(now) {
      const [seq, changedAt] = newestRow();
      ahead = changedAt > now ? seq : undefined;
      return Math.max(0, changedAt - now);
    },
    end() {
      if (ahead !== undefined) recordStep.run({ seq: ahead });
    },
    epoch: () => db.select().from(changeLog).get()?.epoch as string,
    append(change) {
      const { kind, changedAt, actor, channel, reason, flatId, intercomId, flat, before, after } = change;
      const lines = [...toLineColumns(before), ...toLineColumns(after)];
      const { lastInsertRowid } = insert.run(changedAt, actor, channel, reason, flatId, intercomId, flat, ...lines);
      const seq = Number(lastInsertRowid);
      const changeSet = change.changeSet ?? seq;
      return { kind, seq, changedAt, actor, channel, reason, changeSet, flatId, intercomId, flat, before, after };
    },
    appendProvisions({ actor, channel }, now, drafts, call = callSet()) {
      if (drafts.length === 0) return sets.find(call);
      const last = (head.get() as number | undefined) ?? 0;
      const rows = drafts.map((it) => {
        const [flatId, flat] = 'flatId' in it ? [it.flatId, it.flat] : [null, null];
        return [it.reason, it.kind, it.intercomId, flatId, flat, detailsOf(it)];
      });
      insertProvisions.run({ head: last, now, actor, channel, rows: JSON.stringify(rows) });
      const seq = last + rows.length;
      if (moveHead.run(seq).changes === 0) beginHead.run(seq);
      return sets.add(call, last + 1, seq);
    },
  };
}

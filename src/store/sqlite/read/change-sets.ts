import { CHANNELS, type ChangeSetFilter, type FlatOfSet } from '../../../domain/change.ts';
import { LINES } from '../../../domain/lines.ts';
import { countedUpTo, MAX_COUNT } from '../../../domain/page.ts';
import { walkSets } from '../../change-set-walk.ts';
import { listed, spanOf } from '../../paging.ts';
import { toLines } from '../../rows.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { setOf } from '../columns.ts';
import { c, e, f, pc, r, text } from '../sql-text.ts';
import { changeSetRuns, changes, flats, provisionChanges } from '../tables.ts';
import { ACTORS, PRUNED_TO } from './change-list.ts';
import { lastOfSet, nextRow, type SeqSpan, spansInTime } from './log-source.ts';
import { originsOf } from './provision-list.ts';
import type { Reader, Statements, Values } from './query.ts';
import { readChanges } from './relations.ts';
import { VISIBLE_FLAT } from './visible.ts';

type ChangeSetReads = Pick<
  Reads,
  'listChangeSets' | 'countChangeSets' | 'scanChangeSet' | 'changeSetSizes' | 'countFlatsOfSet'
>;

const LOG = { lower: 0, upper: Number.MAX_SAFE_INTEGER } as const;

/** Reads of change sets, each of one moment. */
export const createChangeSetReads = (reader: Reader): ChangeSetReads => ({
  listChangeSets: async (filter, page) =>
    reader.snapshot((statements) => {
      const { lower, upper, down } = spanOf(page, false);
      const { sql, values } = walkOf(statements, filter, down);
      const ids: number[] = [];
      const spans = spansOf(statements, filter, { lower: lower ?? LOG.lower, upper: upper ?? LOG.upper });
      for (const span of down ? spans.toReversed() : spans) {
        const limit = page.limit + 1 - ids.length;
        if (limit === 0) break;
        ids.push(...statements.rows(sql, { ...values, ...span, limit }).map(([id]) => id as number));
      }
      const found = readChanges(statements, ids);
      return listed(
        ids.flatMap((id) => found.get(id) ?? []),
        page,
      );
    }),
  countChangeSets: async (filter) =>
    reader.snapshot((statements) => {
      const { sql, values } = walkOf(statements, filter, false);
      const count = (span: SeqSpan, limit: number) =>
        statements.number(`select count(*) from (${sql})`, { ...values, ...span, limit });
      const found = spansOf(statements, filter, LOG).reduce((sum, span) => sum + count(span, MAX_COUNT + 1 - sum), 0);
      return countedUpTo(found, MAX_COUNT);
    }),
  scanChangeSet: async (changeSet, after, budget) =>
    reader.snapshot((statements) => {
      if (changeSet <= statements.number(PRUNED_TO, {})) throw new ChangesPrunedError();
      const last = lastOfSet(statements, changeSet);
      const found = statements.rows(SCAN, { changeSet, after, last, budget });
      const next = found.length === budget ? (found.at(-1)?.[0] as number) : undefined;
      const all = statements.number(ROWS_OF_SET, { changeSet, after, last: next ?? last });
      const flats = found.filter(([, isFirst]) => isFirst === 1).map(toFlatOfSet);
      return { flats, others: all - found.length, next };
    }),
  async changeSetSizes(changeSets) {
    const found = reader.rows(SIZES, { ids: JSON.stringify(changeSets) }) as [number, number, number][];
    return new Map(found.map(([id, changes, endedAt]) => [id, { changes, endedAt }]));
  },
  async countFlatsOfSet(changeSet) {
    const [row] = reader.rows(FLATS_OF_SET, { changeSet, limit: MAX_COUNT + 1 }) as [number, number][];
    const [flats, rows] = row as [number, number];
    return { count: Math.min(flats, MAX_COUNT), isExact: rows <= MAX_COUNT };
  },
});

const NEXT_OF_BOTH = `select * from (select * from (${nextRow(changes)}) union all select * from (${nextRow(provisionChanges)}))
  order by 1 limit 1`;

/** The spans of seq in which the sets of a filter begin. */
const spansOf = (statements: Statements, filter: ChangeSetFilter, span: SeqSpan): readonly SeqSpan[] =>
  spansInTime(statements, NEXT_OF_BOTH, filter, span);

const RUN = {
  runs: text`${changeSetRuns} ${r}`,
  first: text`${r.firstSeq}`,
  last: text`${r.lastSeq}`,
  changeSet: text`${r.changeSet}`,
} as const;

/** The statement that finds sets, with the values of its filter. All changes of a set have one actor and one channel. */
function walkOf(statements: Statements, filter: ChangeSetFilter, down: boolean): { sql: string; values: Values } {
  const { actor, channel } = filter;
  if (actor === undefined && channel === undefined) {
    return { sql: walkSets({ ...RUN, next: nextOf(ALL, down) }, down), values: {} };
  }
  const actors = actor === undefined ? statements.rows(`select who from ${ACTORS}`, {}).map(([who]) => who) : [actor];
  const channels = channel === undefined ? CHANNELS : [channel];
  const kinds = originsOf(statements)
    .filter((it) => (actor ?? it.actor) === it.actor && (channel ?? it.channel) === it.channel)
    .map((it) => [it.kind, it.actor, it.channel]);
  const origins = actors.flatMap((who) => channels.map((way) => [who, way]));
  return {
    sql: walkSets({ ...RUN, next: nextOf(OF_ORIGINS, down) }, down),
    values: { origins: JSON.stringify(origins), kinds: JSON.stringify(kinds) },
  };
}

interface Ranges {
  readonly lines: string;
  readonly others: string;
  /** What a range is of; nothing where there is but one. */
  readonly ofLines: string;
  readonly ofOthers: string;
}

const ALL: Ranges = {
  lines: text`${changes} ${c} not indexed where true`,
  others: text`${provisionChanges} ${pc} not indexed where true`,
  ofLines: '',
  ofOthers: '',
};
const OF_ORIGINS: Ranges = {
  lines: text`${changes} ${c} indexed by changes_actor where ${c.actor} = o.value ->> 0 and ${c.channel} = o.value ->> 1`,
  others: text`${provisionChanges} ${pc} indexed by provision_changes_kind
    where ${pc.kind} = o.value ->> 0 and ${pc.actor} = o.value ->> 1 and ${pc.channel} = o.value ->> 2`,
  ofLines: 'from json_each(@origins) o',
  ofOthers: 'from json_each(@kinds) o',
};

/** The row next to `at` in any of the ranges: one index seek for each. */
function nextOf({ lines, others, ofLines, ofOthers }: Ranges, down: boolean): string {
  const end = down ? 'max' : 'min';
  const isNext = (seq: string) => (down ? `${seq} < at and ${seq} > @lower` : `${seq} > at and ${seq} < @upper`);
  const nextIn = (range: string, seq: string) => `(select ${end}(${seq}) from ${range} and ${isNext(seq)})`;
  return `select ${end}(seq) from (select ${nextIn(lines, text`${c.seq}`)} as seq ${ofLines}
    union all select ${nextIn(others, text`${pc.seq}`)} ${ofOthers})`;
}

/** Whether a set has no run that begins with it. */
const isAlone = (id: string) => text`not exists (select 1 from ${changeSetRuns} ${r} where ${r.firstSeq} = ${id})`;
const ROWS_OF_SET = text`select coalesce(sum(min(${r.lastSeq}, @last) - max(${r.firstSeq}, @after + 1) + 1), 0)
    + (@changeSet > @after and ${isAlone('@changeSet')})
  from ${changeSetRuns} ${r} where ${r.changeSet} = @changeSet and ${r.lastSeq} > @after and ${r.firstSeq} <= @last`;
const timeOf = (seq: string) => text`coalesce((select ${c.changedAt} from ${changes} ${c} where ${c.seq} = ${seq}),
  (select ${pc.changedAt} from ${provisionChanges} ${pc} where ${pc.seq} = ${seq}))`;
const SIZES = text`select id, size, ${timeOf('last')} from (
    select j.value as id,
      coalesce((select sum(${r.lastSeq} - ${r.firstSeq} + 1) from ${changeSetRuns} ${r} where ${r.changeSet} = j.value), 0)
        + ${isAlone('j.value')} as size,
      coalesce((select max(${r.lastSeq}) from ${changeSetRuns} ${r} where ${r.changeSet} = j.value), j.value) as last
    from json_each(@ids) j
  ) where ${timeOf('id')} is not null`;

const OF_RUNS = text`${changeSetRuns} ${r} cross join`;
const FLATS_OF_SET = text`select count(distinct flat), count(*) from (
    select ${c.flatId} as flat from ${changes} ${c} where ${c.seq} = @changeSet and ${isAlone('@changeSet')}
    union all select ${pc.flatId} from ${provisionChanges} ${pc} where ${pc.seq} = @changeSet and ${isAlone('@changeSet')}
    union all select * from (select ${c.flatId} from ${OF_RUNS} ${changes} ${c} not indexed
      on ${c.seq} between ${r.firstSeq} and ${r.lastSeq} where ${r.changeSet} = @changeSet limit @limit)
    union all select * from (select ${pc.flatId} from ${OF_RUNS} ${provisionChanges} ${pc} not indexed
      on ${pc.seq} between ${r.firstSeq} and ${r.lastSeq} where ${r.changeSet} = @changeSet limit @limit))`;

const OTHERS = text`${changes} ${e} indexed by changes_flat where ${e.flatId} = ${c.flatId}`;
const SCAN = text`select ${c.seq},
    not exists (select 1 from ${OTHERS} and ${e.seq} >= @changeSet and ${e.seq} < ${c.seq} and ${setOf(e.seq)} = @changeSet),
    (select ${e.seq} from ${OTHERS} and ${e.seq} > ${c.seq} and ${setOf(e.seq)} <> @changeSet order by ${e.seq} limit 1),
    ${c.flatId}, ${f.version}, ${LINES.map((line) => text`${c[`before_${line}`]}`).join(', ')},
    ${LINES.map((line) => text`${f[line]}`).join(', ')}
  from ${changes} ${c} not indexed left join ${flats} ${f} on ${f.id} = ${c.flatId} and ${VISIBLE_FLAT}
  where ${c.seq} > @after and ${c.seq} >= @changeSet and ${c.seq} <= @last and ${setOf(c.seq)} = @changeSet
  order by ${c.seq} limit @budget`;

const BEFORE = 5;
const NOW = BEFORE + LINES.length;

function toFlatOfSet(columns: readonly unknown[]): FlatOfSet {
  const [, , changedSince, flatId, version] = columns as [number, number, number | null, number, number | null];
  const now = version === null ? undefined : { version, lines: toLines(columns, NOW) };
  return { flatId, before: toLines(columns, BEFORE), changedSince: changedSince ?? undefined, now };
}

import type { ChangeSetFilter, FlatOfSet } from '../../../domain/change.ts';
import { LINES } from '../../../domain/lines.ts';
import { countedUpTo, MAX_COUNT } from '../../../domain/page.ts';
import { walkSets } from '../../change-set-walk.ts';
import { listed, spanOf } from '../../paging.ts';
import { toLines } from '../../rows.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { setOf } from '../columns.ts';
import { c, e, f, pc, r, text } from '../sql-text.ts';
import { changeSetRuns, changes, databaseState, flats, provisionChanges } from '../tables.ts';
import { spansInTime } from './change-list.ts';
import type { Reader, Statements, Values } from './query.ts';
import { readChanges } from './relations.ts';

type ChangeSetReads = Pick<
  Reads,
  'listChangeSets' | 'countChangeSets' | 'scanChangeSet' | 'changeSetSizes' | 'countFlatsOfSet'
>;

const LOG = { lower: 0, upper: Number.MAX_SAFE_INTEGER } as const;

/** Reads of change sets, each of one moment. */
export const createChangeSetReads = (reader: Reader): ChangeSetReads => ({
  listChangeSets: (filter, page) =>
    reader.snapshot(async (statements) => {
      const { lower, upper, down } = spanOf(page, false);
      const { sql, values } = await walkOf(statements, filter, down);
      const ids: number[] = [];
      const spans = await spansInTime(statements, filter, { lower: lower ?? LOG.lower, upper: upper ?? LOG.upper });
      for (const span of down ? spans.toReversed() : spans) {
        const limit = page.limit + 1 - ids.length;
        if (limit === 0) break;
        ids.push(...(await statements.rows(sql, { ...values, ...span, limit })).map(([id]) => id as number));
      }
      const found = await readChanges(statements, ids);
      return listed(
        ids.flatMap((id) => found.get(id) ?? []),
        page,
      );
    }),
  countChangeSets: (filter) =>
    reader.snapshot(async (statements) => {
      const { sql, values } = await walkOf(statements, filter, false);
      let found = 0;
      for (const span of await spansInTime(statements, filter, LOG)) {
        const limit = MAX_COUNT + 1 - found;
        found += await statements.number(`select count(*) from (${sql}) sets`, { ...values, ...span, limit });
      }
      return countedUpTo(found, MAX_COUNT);
    }),
  scanChangeSet: (changeSet, after, budget) =>
    reader.snapshot(async (statements) => {
      const rows = await statements.rows(SCAN, { changeSet, after, budget });
      const [prunedTo, last] = rows[0] as [number, number];
      if (changeSet <= prunedTo) throw new ChangesPrunedError();
      const found = rows.map((it) => it.slice(2)).filter(([seq]) => seq !== null);
      const next = found.length === budget ? (found.at(-1)?.[0] as number) : undefined;
      const all = await statements.number(ROWS_OF_SET, { changeSet, after, last: next ?? last });
      return { flats: found.filter(([, isFirst]) => isFirst).map(toFlatOfSet), others: all - found.length, next };
    }),
  async changeSetSizes(changeSets) {
    const found = (await reader.prepared(SIZES, { ids: changeSets })) as [number, number, number][];
    return new Map(found.map(([id, changes, endedAt]) => [id, { changes, endedAt }]));
  },
  async countFlatsOfSet(changeSet) {
    const [row] = await reader.rows(FLATS_OF_SET, { changeSet, limit: MAX_COUNT + 1 });
    const [flats, rows] = row as [number, number];
    return { count: Math.min(flats, MAX_COUNT), isExact: rows <= MAX_COUNT };
  },
});

const RUN = {
  runs: text`${changeSetRuns} ${r}`,
  first: text`${r.firstSeq}`,
  last: text`${r.lastSeq}`,
  changeSet: text`${r.changeSet}`,
} as const;

/** Who has made changes, and through which channel; one index seek for each. */
const ORIGINS = originsIn(text`${changes} ${c}`, [text`${c.actor}`, text`${c.channel}`]);
const KIND_ORIGINS = originsIn(text`${provisionChanges} ${pc}`, [
  ...[text`${pc.kind}`, text`${pc.actor}`, text`${pc.channel}`],
]);

function originsIn(table: string, columns: readonly string[]): string {
  const names = columns.map((_, index) => `o${index}`);
  const first = `select ${columns.join(', ')} from ${table}`;
  const order = `order by ${columns.join(', ')} limit 1`;
  return `with recursive origins(${names.join(', ')}) as (
      (${first} ${order})
      union all
      select next.* from origins cross join lateral (
        ${first} where (${columns.join(', ')}) > (${names.join(', ')}) ${order}
      ) next
    ) select * from origins`;
}

/** The statement that finds sets, with the values of its filter. All changes of a set have one actor and one channel. */
async function walkOf({ rows }: Statements, { actor, channel }: ChangeSetFilter, down: boolean) {
  const sqlOf = (ranges: Ranges) => walkSets({ ...RUN, next: nextOf(ranges, down) }, down);
  if (actor === undefined && channel === undefined) return { sql: sqlOf(ALL), values: {} };
  const isAsked = ([who, way]: readonly unknown[]) => (actor ?? who) === who && (channel ?? way) === way;
  const [ofLines, ofOthers] = await Promise.all([rows(ORIGINS, {}), rows(KIND_ORIGINS, {})]);
  const lines = ofLines.filter(isAsked) as [string, string][];
  const others = ofOthers.filter((it) => isAsked(it.slice(1))) as [string, string, string][];
  const values: Values = {
    ...{ actors: lines.map(([who]) => who), channels: lines.map(([, way]) => way) },
    kinds: others.map(([kind]) => kind),
    ...{ kindActors: others.map(([, who]) => who), kindChannels: others.map(([, , way]) => way) },
  };
  return { sql: sqlOf(OF_ORIGINS), values };
}

interface Ranges {
  readonly lines: string;
  readonly others: string;
  /** What a range is of; nothing where there is but one. */
  readonly ofLines: string;
  readonly ofOthers: string;
}

const ALL: Ranges = {
  lines: text`${changes} ${c} where true`,
  others: text`${provisionChanges} ${pc} where true`,
  ofLines: '',
  ofOthers: '',
};
const OF_ORIGINS: Ranges = {
  lines: text`${changes} ${c} where ${c.actor} = o.actor and ${c.channel} = o.channel`,
  others: text`${provisionChanges} ${pc} where ${pc.kind} = o.kind and ${pc.actor} = o.actor and ${pc.channel} = o.channel`,
  ofLines: 'from unnest(@actors::text[], @channels::text[]) as o(actor, channel)',
  ofOthers: 'from unnest(@kinds::text[], @kindActors::text[], @kindChannels::text[]) as o(kind, actor, channel)',
};

/** The row next to `at` in any of the ranges: one index seek for each. */
function nextOf({ lines, others, ofLines, ofOthers }: Ranges, down: boolean): string {
  const end = down ? 'max' : 'min';
  const isNext = (seq: string) => (down ? `${seq} < at and ${seq} > @lower` : `${seq} > at and ${seq} < @upper`);
  const nextIn = (range: string, seq: string) =>
    `(select ${seq} from ${range} and ${isNext(seq)} order by ${seq} ${down ? 'desc' : 'asc'} limit 1)`;
  return `select ${end}(seq) from (select ${nextIn(lines, text`${c.seq}`)} as seq ${ofLines}
    union all select ${nextIn(others, text`${pc.seq}`)} ${ofOthers}) next`;
}

/** Whether a set has no run that begins with it. */
const isAlone = (id: string) => text`not exists (select from ${changeSetRuns} ${r} where ${r.firstSeq} = ${id})`;
const LAST = text`coalesce((select max(${r.lastSeq}) from ${changeSetRuns} ${r} where ${r.changeSet} = @changeSet), @changeSet)`;
const ROWS_OF_SET = text`select coalesce(sum(least(${r.lastSeq}, @last) - greatest(${r.firstSeq}, @after + 1) + 1), 0)::bigint
    + (@changeSet > @after and ${isAlone('@changeSet')})::int
  from ${changeSetRuns} ${r} where ${r.changeSet} = @changeSet and ${r.lastSeq} > @after and ${r.firstSeq} <= @last`;
const timeOf = (seq: string) => text`coalesce((select ${c.changedAt} from ${changes} ${c} where ${c.seq} = ${seq}),
  (select ${pc.changedAt} from ${provisionChanges} ${pc} where ${pc.seq} = ${seq}))`;
const SIZES = text`select id, size, ${timeOf('last')} from (
    select given.id,
      coalesce((select sum(${r.lastSeq} - ${r.firstSeq} + 1) from ${changeSetRuns} ${r} where ${r.changeSet} = given.id), 0)::bigint
        + (${isAlone('given.id')})::int as size,
      coalesce((select max(${r.lastSeq}) from ${changeSetRuns} ${r} where ${r.changeSet} = given.id), given.id) as last
    from unnest(@ids::bigint[]) as given(id)
  ) sets where ${timeOf('id')} is not null`;

const FLATS_OF_SET = text`select count(distinct flat), count(*) from (
    select ${c.flatId} as flat from ${changes} ${c} where ${c.seq} = @changeSet and ${isAlone('@changeSet')}
    union all select ${pc.flatId} from ${provisionChanges} ${pc} where ${pc.seq} = @changeSet and ${isAlone('@changeSet')}
    union all (select ${c.flatId} from ${changeSetRuns} ${r} join ${changes} ${c}
      on ${c.seq} between ${r.firstSeq} and ${r.lastSeq} where ${r.changeSet} = @changeSet limit @limit)
    union all (select ${pc.flatId} from ${changeSetRuns} ${r} join ${provisionChanges} ${pc}
      on ${pc.seq} between ${r.firstSeq} and ${r.lastSeq} where ${r.changeSet} = @changeSet limit @limit)) found`;

const OTHERS = text`${changes} ${e} where ${e.flatId} = ${c.flatId}`;
/** The rows of a step, each after the seq up to which rows were pruned and the newest row of the set, all of one moment. */
const SCAN = text`select ${databaseState.prunedTo}, ${LAST}, page.* from ${databaseState} left join (
    select ${c.seq},
      not exists (select from ${OTHERS} and ${e.seq} >= @changeSet and ${e.seq} < ${c.seq} and ${setOf(e.seq)} = @changeSet),
      (select ${e.seq} from ${OTHERS} and ${e.seq} > ${c.seq} and ${setOf(e.seq)} <> @changeSet order by ${e.seq} limit 1) as since,
      ${c.flatId} as of_flat, ${f.version}, ${LINES.map((line) => text`${c[`before_${line}`]}`).join(', ')},
      ${LINES.map((line) => text`${f[line]}`).join(', ')}
    from ${changes} ${c} left join ${flats} ${f} on ${f.id} = ${c.flatId}
    where ${c.seq} > @after and ${c.seq} >= @changeSet and ${c.seq} <= ${LAST} and ${setOf(c.seq)} = @changeSet
    order by ${c.seq} limit @budget
  ) page on true where one order by page.seq`;

const BEFORE = 5;
const NOW = BEFORE + LINES.length;

function toFlatOfSet(columns: readonly unknown[]): FlatOfSet {
  const [, , changedSince, flatId, version] = columns as [number, boolean, number | null, number, number | null];
  const now = version === null ? undefined : { version, lines: toLines(columns, NOW) };
  return { flatId, before: toLines(columns, BEFORE), changedSince: changedSince ?? undefined, now };
}

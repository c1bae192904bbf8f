import { type Change, type ChangeFilter, PROVISION_KINDS } from '../../../domain/change.ts';
import { LINES } from '../../../domain/lines.ts';
import { listed, spanOf, where } from '../../paging.ts';
import { toChange, toProvision } from '../../rows.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { CHANGE_COLUMNS, PROVISION_COLUMNS, setOf } from '../columns.ts';
import { c, pc, r, text } from '../sql-text.ts';
import { changeLog, changeSetRuns, changes, clockSteps, databaseState, provisionChanges } from '../tables.ts';
import type { Reader, Statements, Values } from './query.ts';

export function createChangeLists(reader: Reader): Pick<Reads, 'listChanges' | 'countChanges' | 'changesHead'> {
  /** What takes several statements is of one moment nevertheless. */
  const read = <T>({ from, to, changeSet }: ChangeFilter, work: (statements: Statements) => Promise<T>): Promise<T> =>
    from === undefined && to === undefined && changeSet === undefined ? work(reader) : reader.snapshot(work);
  return {
    listChanges: (filter, page) =>
      read(filter, async (statements) => {
        const { lower, upper, down } = spanOf(page, false);
        const all = { lower: lower ?? 0, upper: upper ?? Number.MAX_SAFE_INTEGER };
        const spans = await spansInTime(statements, filter, await withinSet(statements, filter, all));
        const sql = pageQuery(filter, down);
        // Followers read the whole log all the time.
        const select = isRestricted(filter) ? statements.rows : statements.prepared;
        const found: Change[] = [];
        for (const span of down ? spans.toReversed() : spans) {
          const limit = page.limit + 1 - found.length;
          if (limit === 0) break;
          const selected = await select(sql, { ...valuesOf(filter), ...span, limit });
          assertNotPruned(page.after, selected[0]?.[0] as number);
          found.push(...selected.filter((it) => it[1] !== null).map(toRow));
        }
        if (page.after !== undefined && spans.length === 0)
          assertNotPruned(page.after, await statements.number(PRUNED_TO, {}));
        return listed(found, page);
      }),
    countChanges: (filter, before = Number.MAX_SAFE_INTEGER, atMost = Number.MAX_SAFE_INTEGER) =>
      read(filter, async (statements) => {
        const found = sourcesOf(filter).map(({ from, conditions }) => `select from ${from}${where(conditions)}`);
        const sql = `select count(*) from (${found.join(' union all ')} limit @limit) found`;
        let count = 0;
        const all = await withinSet(statements, filter, { lower: 0, upper: before });
        for (const span of await spansInTime(statements, filter, all)) {
          count += await statements.number(sql, { ...valuesOf(filter), ...span, limit: atMost - count });
        }
        return count;
      }),
    changesHead: async () => ((await reader.prepared(HEAD, {}))[0]?.[0] as number | undefined) ?? 0,
  };
}

export const HEAD = text`select ${changeLog.seq} from ${changeLog} where one`;
export const PRUNED_TO = text`select ${databaseState.prunedTo} from ${databaseState} where one`;

/** Rows of the log in one of its tables. */
interface Source {
  readonly from: string;
  readonly conditions: readonly string[];
  readonly seq: string;
  /** The columns of rows about lines, and then those of all others. */
  readonly columns: string;
}

const NAMES = ['flatId', 'intercomId', 'actor', 'channel'] as const;
const LINES_COLUMNS = 9 + 2 * LINES.length;
const OTHER_COLUMNS = 11;
const nulls = (types: readonly string[]) => types.map((it) => `null::${it}`).join(', ');
const NO_LINES = nulls([
  ...['bigint', 'bigint', 'text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'int'],
  ...LINES.flatMap(() => ['boolean', 'boolean']),
]);
const NO_OTHER = nulls([
  ...['bigint', 'bigint', 'text', 'text', 'text', 'bigint', 'text', 'bigint', 'bigint', 'int', 'text'],
]);

/** The tables that have rows of the kinds that a filter asks for. */
function sourcesOf(filter: ChangeFilter): readonly Source[] {
  const kinds = PROVISION_KINDS.filter((it) => filter.kinds?.includes(it));
  const hasLines = filter.kinds === undefined || filter.kinds.includes('LINES_SET');
  return [...(hasLines ? [linesSource(filter)] : []), ...(kinds.length > 0 ? [otherSource(filter, kinds)] : [])];
}

const linesSource = (filter: ChangeFilter): Source => ({
  from: text`${changes} ${c}`,
  conditions: [
    text`${c.seq} > @lower and ${c.seq} < @upper`,
    ...NAMES.filter((it) => filter[it] !== undefined).map((it) => text`${c[it]} = @${it}`),
    ...(filter.changeSet === undefined ? [] : [`${setOf(c.seq)} = @changeSet`]),
  ],
  seq: text`${c.seq}`,
  columns: `${CHANGE_COLUMNS}, ${NO_OTHER}`,
});

function otherSource(filter: ChangeFilter, kinds: readonly string[]): Source {
  const { flatId, flatIn, intercomId } = filter;
  const isMoved = flatIn && (intercomId === undefined || intercomId === flatIn.intercomId);
  return {
    from: text`${provisionChanges} ${pc}`,
    conditions: [
      text`${pc.seq} > @lower and ${pc.seq} < @upper`,
      ...(flatId === undefined ? [] : [isMoved ? `(${OF_FLAT} or ${MOVES_FLAT})` : OF_FLAT]),
      ...(['intercomId', 'actor', 'channel'] as const)
        .filter((it) => filter[it] !== undefined)
        .map((it) => text`${pc[it]} = @${it}`),
      ...(filter.changeSet === undefined ? [] : [`${setOf(pc.seq)} = @changeSet`]),
      ...(kinds.length === PROVISION_KINDS.length
        ? []
        : [text`${pc.kind} in (${kinds.map((it) => `'${it}'`).join(', ')})`]),
    ],
    seq: text`${pc.seq}`,
    columns: `${NO_LINES}, ${PROVISION_COLUMNS}`,
  };
}

const OF_FLAT = text`${pc.flatId} = @flatId`;
const detail = (path: string) => text`(${pc.details}::jsonb #>> '{${path}}')::bigint`;
const has = (state: 'before' | 'after') =>
  `coalesce(@movedFlat between ${detail(`${state},range,from`)} and ${detail(`${state},range,to`)}, false)`;

/** The condition of `movesFlat`: of rows about a whole intercom, so they are few. */
const MOVES_FLAT = text`(${pc.flatId} is null and ${pc.intercomId} = @movedIntercomId and (
  (${has('after')} and not ${has('before')} and ${detail('flatsAdded')} > 0)
  or (${has('before')} and not ${has('after')} and ${detail('flatsRemoved')} > 0)))`;

const VALUES = [...NAMES, 'changeSet'] as const;

const isRestricted = (filter: ChangeFilter): boolean => VALUES.some((it) => filter[it] !== undefined);

const valuesOf = (filter: ChangeFilter): Values => ({
  ...Object.fromEntries(VALUES.flatMap((it) => (filter[it] === undefined ? [] : [[it, filter[it]]]))),
  ...(filter.flatIn && { movedIntercomId: filter.flatIn.intercomId, movedFlat: filter.flatIn.flat }),
});

/**
 * The rows of a page, each after the seq up to which rows were pruned at the same moment; one row without a change if there is
 * none. One statement for both tables: with two, the second would see what is later than what the first has missed.
 */
function pageQuery(filter: ChangeFilter, down: boolean): string {
  const direction = down ? 'desc' : 'asc';
  const parts = sourcesOf(filter).map(
    ({ from, conditions, seq, columns }) =>
      `(select ${seq} as place, ${columns} from ${from}${where(conditions)} order by ${seq} ${direction} limit @limit)`,
  );
  const page =
    parts.length === 0 ? `select 0 as place, ${NO_LINES}, ${NO_OTHER} where false` : parts.join(' union all ');
  return text`select ${databaseState.prunedTo}, page.* from ${databaseState} left join (
    select * from (${page}) found order by place ${direction} limit @limit
  ) page on true where one order by place ${direction}`;
}

function toRow(columns: readonly unknown[]): Change {
  const row = columns.slice(2);
  return row[0] === null ? toProvision(row.slice(LINES_COLUMNS, LINES_COLUMNS + OTHER_COLUMNS)) : toChange(row);
}

function assertNotPruned(after: number | undefined, prunedTo: number): void {
  if (after !== undefined && after < prunedTo) throw new ChangesPrunedError();
}

const STEPS = text`select ${clockSteps.seq} from ${clockSteps} order by ${clockSteps.seq}`;

const LAST_OF_SET = text`select max(${r.lastSeq}) from ${changeSetRuns} ${r} where ${r.changeSet} = @changeSet`;

/** The part of a span that can hold rows of a change set, where one is asked for. */
async function withinSet(
  { number }: Statements,
  { changeSet }: ChangeFilter,
  { lower, upper }: SeqSpan,
): Promise<SeqSpan> {
  if (changeSet === undefined) return { lower, upper };
  const last = (await number(LAST_OF_SET, { changeSet })) || changeSet;
  return { lower: Math.max(lower, changeSet - 1), upper: Math.min(upper, last + 1) };
}

/** The seqs between two positions, both exclusive. */
export interface SeqSpan {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The spans of seq that hold the changes of a time span, in order: one for each run of the log in which time only grows. So no
 * update has to maintain an index on time.
 */
export async function spansInTime(
  reader: Statements,
  { from, to }: ChangeFilter,
  { lower, upper }: SeqSpan,
): Promise<readonly (SeqSpan & Values)[]> {
  if (from === undefined && to === undefined) return [{ lower, upper }];
  // What is committed after the head is read is of a later page.
  const head = await reader.number(HEAD, {});
  const steps = (await reader.rows(STEPS, {})).map(([seq]) => seq as number).filter((it) => it <= head);
  const spans: (SeqSpan & Values)[] = [];
  for (const [index, first] of [0, ...steps].entries()) {
    const end = steps[index] ?? head + 1;
    if (first >= upper || end <= lower + 1) continue;
    const low = from === undefined ? first : await firstSeqAt(reader, from, first, end);
    const high = to === undefined ? end : await firstSeqAt(reader, to, low, end);
    const span = { lower: Math.max(lower, low - 1), upper: Math.min(upper, high) };
    if (span.upper - span.lower > 1) spans.push(span);
  }
  return spans;
}

const nextOf = (table: typeof changes | typeof provisionChanges) =>
  text`(select ${table.seq}, ${table.changedAt} from ${table} where ${table.seq} >= (low + high) / 2 order by ${table.seq} limit 1)`;

/** A binary search as one statement: each of its steps would be a trip to the server. */
const SEARCH = `with recursive search(low, high) as (
    select @low, @high
    union all
    select case when probe.seq < high and probe.changed_at < @moment then probe.seq + 1 else low end,
      case when probe.seq < high and probe.changed_at < @moment then high else (low + high) / 2 end
    from search left join lateral (
      select * from (${nextOf(changes)} union all ${nextOf(provisionChanges)}) next order by seq limit 1
    ) probe on true where low < high
  ) select low from search where low >= high limit 1`;

/** The first seq from `low` on at a moment or later, within a run that ends before `high`; `high` when there is none. */
const firstSeqAt = async ({ rows }: Statements, moment: number, low: number, high: number): Promise<number> =>
  low >= high ? low : ((await rows(SEARCH, { moment, low, high }))[0]?.[0] as number);

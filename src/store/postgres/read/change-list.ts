import type { Change, ChangeFilter } from '../../../domain/change.ts';
import { listed, spanOf, where } from '../../paging.ts';
import { toChange } from '../../rows.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { CHANGE_COLUMNS } from '../columns.ts';
import { c, text } from '../sql-text.ts';
import { changeLog, changes, clockSteps, databaseState } from '../tables.ts';
import type { Reader, Values } from './query.ts';

export function createChangeLists(reader: Reader): Pick<Reads, 'listChanges' | 'countChanges' | 'changesHead'> {
  const { rows, prepared, number } = reader;
  return {
    async listChanges(filter, page) {
      const { lower, upper, down } = spanOf(page, false);
      const spans = await spansInTime(reader, filter, { lower: lower ?? 0, upper: upper ?? Number.MAX_SAFE_INTEGER });
      const sql = pageQuery(filter, down);
      // Followers read the whole log all the time.
      const read = conditionsOf(filter).length > 1 ? rows : prepared;
      const found: Change[] = [];
      for (const span of down ? spans.toReversed() : spans) {
        const limit = page.limit + 1 - found.length;
        if (limit === 0) break;
        const selected = await read(sql, { ...valuesOf(filter), ...span, limit });
        assertNotPruned(page.after, selected[0]?.[0] as number);
        found.push(...selected.filter((it) => it[1] !== null).map((it) => toChange(it.slice(1))));
      }
      if (page.after !== undefined && spans.length === 0) assertNotPruned(page.after, await number(PRUNED_TO, {}));
      return listed(found, page);
    },
    async countChanges(filter, before = Number.MAX_SAFE_INTEGER) {
      const sql = `select count(*) from ${CHANGES}${where(conditionsOf(filter))}`;
      let count = 0;
      for (const span of await spansInTime(reader, filter, { lower: 0, upper: before })) {
        count += await number(sql, { ...valuesOf(filter), ...span });
      }
      return count;
    },
    changesHead: async () => ((await prepared(HEAD, {}))[0]?.[0] as number | undefined) ?? 0,
  };
}

export const HEAD = text`select ${changeLog.seq} from ${changeLog} where one`;
const PRUNED_TO = text`select ${databaseState.prunedTo} from ${databaseState} where one`;
const CHANGES = text`${changes} ${c}`;
const CONDITIONS: Readonly<Record<'flatId' | 'intercomId' | 'actor' | 'channel', string>> = {
  flatId: text`${c.flatId} = @flatId`,
  intercomId: text`${c.intercomId} = @intercomId`,
  actor: text`${c.actor} = @actor`,
  channel: text`${c.channel} = @channel`,
};
const NAMES = ['flatId', 'intercomId', 'actor', 'channel'] as const;

const conditionsOf = (filter: ChangeFilter): readonly string[] => [
  text`${c.seq} > @lower and ${c.seq} < @upper`,
  ...NAMES.filter((it) => filter[it] !== undefined).map((it) => CONDITIONS[it]),
];

const valuesOf = (filter: ChangeFilter): Values =>
  Object.fromEntries(NAMES.flatMap((it) => (filter[it] === undefined ? [] : [[it, filter[it]]])));

/** The rows of a page, each after the seq up to which rows were pruned at the same moment; one row without a change if there is none. */
const pageQuery = (filter: ChangeFilter, down: boolean): string =>
  text`select ${databaseState.prunedTo}, page.* from ${databaseState} left join lateral (
    select ${CHANGE_COLUMNS} from ${CHANGES}${where(conditionsOf(filter))} order by ${c.seq} ${down ? 'desc' : 'asc'} limit @limit
  ) page on true where one order by page.seq ${down ? 'desc' : 'asc'}`;

function assertNotPruned(after: number | undefined, prunedTo: number): void {
  if (after !== undefined && after < prunedTo) throw new ChangesPrunedError();
}

const STEPS = text`select ${clockSteps.seq} from ${clockSteps} order by ${clockSteps.seq}`;

/** The seqs between two positions, both exclusive. */
interface SeqSpan {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The spans of seq that hold the changes of a time span, in order: one for each run of the log in which time only grows. So no
 * update has to maintain an index on time.
 */
async function spansInTime(
  reader: Reader,
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

/** A binary search as one statement: each of its steps would be a trip to the server. */
const SEARCH = text`with recursive search(low, high) as (
    select @low, @high
    union all
    select case when probe.seq < high and probe.changed_at < @moment then probe.seq + 1 else low end,
      case when probe.seq < high and probe.changed_at < @moment then high else (low + high) / 2 end
    from search left join lateral (
      select ${changes.seq}, ${changes.changedAt} from ${changes} where ${changes.seq} >= (low + high) / 2 order by ${changes.seq} limit 1
    ) probe on true where low < high
  ) select low from search where low >= high limit 1`;

/** The first seq from `low` on at a moment or later, within a run that ends before `high`; `high` when there is none. */
const firstSeqAt = async ({ rows }: Reader, moment: number, low: number, high: number): Promise<number> =>
  low >= high ? low : ((await rows(SEARCH, { moment, low, high }))[0]?.[0] as number);

import { CHANNELS, type Change, type ChangeFilter, PROVISION_KINDS } from '../../../domain/change.ts';
import type { Page } from '../../../domain/page.ts';
import { listed, spanOf, where } from '../../paging.ts';
import { toChange } from '../../rows.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { CHANGE_COLUMNS, setOf } from '../columns.ts';
import { c, lastIdOf, text } from '../sql-text.ts';
import { changeLog, changes } from '../tables.ts';
import { type LogSource, nextRow, type SeqSpan, spansInTime, valuesOf, withinSet } from './log-source.ts';
import { createProvisionSource } from './provision-list.ts';
import type { Reader, Statements } from './query.ts';

export function createChangeLists(reader: Reader): Pick<Reads, 'listChanges' | 'countChanges' | 'changesHead'> {
  return {
    listChanges: async (filter, page) =>
      reader.snapshot((statements) => {
        if (page.after !== undefined && page.after < statements.number(PRUNED_TO, {})) throw new ChangesPrunedError();
        const [first, ...others] = sourcesOf(statements, filter).map((it) => rowsOf(statements, it, filter, page));
        const found = others.length === 0 ? (first ?? []) : merged([...(first ?? []), ...others.flat()], page);
        return listed(found, page);
      }),
    countChanges: async (filter, before = Number.MAX_SAFE_INTEGER, atMost = Number.MAX_SAFE_INTEGER) =>
      reader.snapshot((statements) =>
        sourcesOf(statements, filter).reduce(
          (sum, source) => sum + countOf(statements, source, filter, before, atMost - sum),
          0,
        ),
      ),
    changesHead: async () => reader.number(HEAD, {}),
  };
}

export const PRUNED_TO = text`select ${changeLog.prunedTo} from ${changeLog}`;
/** Pruned rows keep their positions used. */
const HEAD = lastIdOf(changes);

/** The tables that have rows of the kinds that a filter asks for. */
function sourcesOf(statements: Statements, { kinds }: ChangeFilter): readonly LogSource[] {
  const lines = createLinesSource(statements);
  if (kinds === undefined) return [lines];
  const isProvisioning = PROVISION_KINDS.some((it) => kinds.includes(it));
  return [
    ...(kinds.includes('LINES_SET') ? [lines] : []),
    ...(isProvisioning ? [createProvisionSource(statements)] : []),
  ];
}

/** The rows of a page, and one more if there is one; from its end on when it is read from there. */
function rowsOf(statements: Statements, source: LogSource, filter: ChangeFilter, page: Page<number>) {
  const { lower, upper, down } = spanOf(page, false);
  const all = withinSet(statements, filter, { lower: lower ?? 0, upper: upper ?? Number.MAX_SAFE_INTEGER });
  const spans = spansInTime(statements, source.next, filter, all);
  const found: Change[] = [];
  for (const span of down ? spans.toReversed() : spans) {
    const limit = page.limit + 1 - found.length;
    if (limit === 0) break;
    found.push(...source.rows(filter, span, down, limit));
  }
  return found;
}

function merged(rows: readonly Change[], { limit, fromEnd }: Page<number>): readonly Change[] {
  return rows.toSorted((a, b) => (fromEnd ? b.seq - a.seq : a.seq - b.seq)).slice(0, limit + 1);
}

function countOf(
  statements: Statements,
  source: LogSource,
  filter: ChangeFilter,
  before: number,
  atMost: number,
): number {
  const all = withinSet(statements, filter, { lower: 0, upper: before });
  return spansInTime(statements, source.next, filter, all).reduce(
    (sum, span) => sum + source.count(filter, span, atMost - sum),
    0,
  );
}

const SEQ = text`${c.seq}`;
const COUNT_ALL = text`select count(*) from ${changes}`;
const NEXT = nextRow(changes);

const createLinesSource = ({ rows, number }: Statements): LogSource => ({
  next: NEXT,
  rows(filter, span, down, limit) {
    const order = `order by ${SEQ} ${down ? 'desc' : 'asc'} limit @limit`;
    const sql = `select ${CHANGE_COLUMNS} from ${source(filter, order)} ${order}`;
    return rows(sql, { ...valuesOf(filter), ...span, limit }).map(toChange);
  },
  count({ kinds: _, flatIn: __, ...filter }, span, atMost) {
    const isAll = Object.values(filter).every((it) => it === undefined) && isWhole(span) && atMost === ALL;
    return isAll
      ? number(COUNT_ALL, {})
      : number(`select count(*) from (select 1 from ${source(filter)} limit @atMost)`, {
          ...valuesOf(filter),
          ...span,
          atMost,
        });
  },
});

const ALL = Number.MAX_SAFE_INTEGER;
const isWhole = ({ lower, upper }: SeqSpan): boolean => lower === 0 && upper === ALL;

const IN_SPAN = text`${c.seq} > @lower and ${c.seq} < @upper`;
const NAMES = ['flatId', 'intercomId', 'changeSet', 'actor', 'channel'] as const;
const CONDITIONS: Readonly<Record<(typeof NAMES)[number], string>> = {
  flatId: text`${c.flatId} = @flatId`,
  intercomId: text`${c.intercomId} = @intercomId`,
  changeSet: `${setOf(c.seq)} = @changeSet`,
  actor: text`${c.actor} = @actor`,
  channel: text`${c.channel} = @channel`,
};
const CHANGES = text`${changes} ${c}`;

/**
 * The `from` clause and its conditions, by the most selective index. With `first` it reads only as many rows as a page
 * takes.
 */
function source(filter: ChangeFilter, first?: string): string {
  const { flatId, intercomId, changeSet, actor, channel } = filter;
  const hasOrigin = actor !== undefined || channel !== undefined;
  if (flatId !== undefined || intercomId !== undefined || changeSet !== undefined || !hasOrigin) {
    const index =
      flatId !== undefined
        ? 'indexed by changes_flat'
        : intercomId !== undefined
          ? 'indexed by changes_intercom'
          : 'not indexed';
    const names = NAMES.filter((it) => filter[it] !== undefined);
    return `${CHANGES} ${index}${where([IN_SPAN, ...names.map((it) => CONDITIONS[it])])}`;
  }
  if (actor !== undefined && channel !== undefined) return ofOne('@actor', '@channel');

  // The index has the actor first and then the channel, so that either alone is one range for each value of the other.
  const ranges =
    actor === undefined
      ? `${ACTORS} cross join (select @channel as way)`
      : `${CHANNEL_LIST} cross join (select @actor as who)`;
  if (!first) {
    return `${ranges} cross join ${CHANGES} indexed by changes_actor on ${OF_RANGE} where ${IN_SPAN}`;
  }
  // Reads no more rows of each range than the page takes.
  return `${ranges} cross join ${CHANGES} not indexed on ${SEQ} in (select ${SEQ} from ${ofOne('who', 'way')} ${first})`;
}

const OF_RANGE = text`${c.actor} = who and ${c.channel} = way`;
const ofOne = (who: string, way: string) =>
  text`${CHANGES} indexed by changes_actor where ${c.actor} = ${who} and ${c.channel} = ${way} and ${IN_SPAN}`;

const CHANNEL_LIST = `(select value as way from json_each('${JSON.stringify(CHANNELS)}'))`;

/** All actors in the change log, one index seek for each. */
export const ACTORS = text`(with recursive actors(who) as (
    select min(${changes.actor}) from ${changes}
    union all
    select (select min(${changes.actor}) from ${changes} where ${changes.actor} > who) from actors where who is not null
  ) select who from actors where who is not null)`;

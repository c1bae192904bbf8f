import { CHANNELS, type Change, type ChangeFilter } from '../../../domain/change.ts';
import { ChangesPrunedError, type Reads } from '../../store.ts';
import { CHANGE_COLUMNS, toChange } from '../rows.ts';
import { c, lastIdOf, text } from '../sql-text.ts';
import { changeLog, changes, clockSteps } from '../tables.ts';
import { listed, type Reader, type Statements, spanOf, type Values, where } from './query.ts';

export function createChangeLists(reader: Reader): Pick<Reads, 'listChanges' | 'countChanges' | 'changesHead'> {
  return {
    listChanges: async (filter, page) =>
      reader.snapshot((statements) => {
        const { rows, number } = statements;
        if (page.after !== undefined && page.after < number(PRUNED_TO, {})) throw new ChangesPrunedError();
        const { lower, upper, down } = spanOf(page, false);
        const spans = spansInTime(statements, filter, { lower: lower ?? 0, upper: upper ?? Number.MAX_SAFE_INTEGER });
        const order = `order by ${SEQ} ${down ? 'desc' : 'asc'} limit @limit`;
        const sql = `select ${CHANGE_COLUMNS} from ${source(filter, order)} ${order}`;
        const found: Change[] = [];
        for (const span of down ? spans.toReversed() : spans) {
          const limit = page.limit + 1 - found.length;
          if (limit === 0) break;
          found.push(...rows(sql, { ...valuesOf(filter), ...span, limit }).map(toChange));
        }
        return listed(found, page);
      }),
    countChanges: async (filter, before = Number.MAX_SAFE_INTEGER) =>
      reader.snapshot((statements) => {
        const { number } = statements;
        const all = Object.values(filter).every((it) => it === undefined) && before === Number.MAX_SAFE_INTEGER;
        if (all) return number(COUNT_ALL, {});
        const sql = `select count(*) from ${source(filter)}`;
        return spansInTime(statements, filter, { lower: 0, upper: before }).reduce(
          (sum, span) => sum + number(sql, { ...valuesOf(filter), ...span }),
          0,
        );
      }),
    changesHead: async () => reader.number(HEAD, {}),
  };
}

const SEQ = text`${c.seq}`;
const COUNT_ALL = text`select count(*) from ${changes}`;
const PRUNED_TO = text`select ${changeLog.prunedTo} from ${changeLog}`;
/** Pruned rows keep their positions used. */
const HEAD = lastIdOf(changes);
const IN_SPAN = text`${c.seq} > @lower and ${c.seq} < @upper`;
const CONDITIONS: Readonly<Record<'flatId' | 'intercomId' | 'actor' | 'channel', string>> = {
  flatId: text`${c.flatId} = @flatId`,
  intercomId: text`${c.intercomId} = @intercomId`,
  actor: text`${c.actor} = @actor`,
  channel: text`${c.channel} = @channel`,
};
const CHANGES = text`${changes} ${c}`;

/**
 * The `from` clause and its conditions, by the most selective index. With `first` it reads only as many rows as a page
 * takes.
 */
function source(filter: ChangeFilter, first?: string): string {
  const { flatId, intercomId, actor, channel } = filter;
  if (flatId !== undefined || intercomId !== undefined || (actor === undefined && channel === undefined)) {
    const index =
      flatId !== undefined
        ? 'indexed by changes_flat'
        : intercomId !== undefined
          ? 'indexed by changes_intercom'
          : 'not indexed';
    const names = (['flatId', 'intercomId', 'actor', 'channel'] as const).filter((it) => filter[it] !== undefined);
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
const ACTORS = text`(with recursive actors(who) as (
    select min(${changes.actor}) from ${changes}
    union all
    select (select min(${changes.actor}) from ${changes} where ${changes.actor} > who) from actors where who is not null
  ) select who from actors where who is not null)`;

function valuesOf({ flatId, intercomId, actor, channel }: ChangeFilter): Values {
  return {
    ...(flatId !== undefined && { flatId }),
    ...(intercomId !== undefined && { intercomId }),
    ...(actor !== undefined && { actor }),
    ...(channel !== undefined && { channel }),
  };
}

const STEPS = text`select ${clockSteps.seq} from ${clockSteps} order by ${clockSteps.seq}`;
/** The row at a position or after it; rows may have been taken out of the log. */
const NEXT = text`select ${changes.seq}, ${changes.changedAt} from ${changes} where ${changes.seq} >= @seq
  order by ${changes.seq} limit 1`;

/** The seqs between two positions, both exclusive. */
interface SeqSpan {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The spans of seq that hold the changes of a time span, in order: one for each run of the log in which time only grows. The
 * ends in a run are found by binary search, so no update has to maintain an index on time.
 */
function spansInTime(
  statements: Statements,
  { from, to }: ChangeFilter,
  { lower, upper }: SeqSpan,
): readonly SeqSpan[] {
  if (from === undefined && to === undefined) return [{ lower, upper }];
  const steps = statements.rows(STEPS, {}).map(([seq]) => seq as number);
  const head = statements.number(HEAD, {});
  const spans: SeqSpan[] = [];
  [0, ...steps].forEach((first, index) => {
    const end = steps[index] ?? head + 1;
    if (first >= upper || end <= lower + 1) return;
    const low = from === undefined ? first : firstSeqAt(statements, from, first, end);
    const high = to === undefined ? end : firstSeqAt(statements, to, low, end);
    const span = { lower: Math.max(lower, low - 1), upper: Math.min(upper, high) };
    if (span.upper - span.lower > 1) spans.push(span);
  });
  return spans;
}

/** The first seq from `low` on at a moment or later, within a run that ends before `high`; `high` when there is none. */
function firstSeqAt({ rows }: Statements, moment: number, low: number, high: number): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [seq, changedAt] = (rows(NEXT, { seq: middle })[0] ?? [high, 0]) as [number, number];
    if (seq >= high) high = middle;
    else if (changedAt < moment) low = seq + 1;
    else high = middle;
  }
  return low;
}

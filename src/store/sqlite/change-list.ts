import { CHANNELS, type ChangeFilter } from '../../domain/change.ts';
import { ChangesPruned, type Reads } from '../store.ts';
import { CHANGE_COLUMNS, readChange } from './change-columns.ts';
import { firstSeqAt } from './change-time.ts';
import type { Snapshot } from './snapshot.ts';
import { listed, spanOf } from './span.ts';
import { where } from './sql-text.ts';
import type { Statements, Values } from './statements.ts';

export function changeLists(
  statements: Statements,
  snapshot: Snapshot,
): Pick<Reads, 'listChanges' | 'countChanges' | 'changesHead'> {
  const { rows, number } = statements;

  /** The seqs from `lower` to `upper`, both exclusive, that a span of time leaves. */
  function inTime({ from, to }: ChangeFilter, lower = 0, upper = Number.MAX_SAFE_INTEGER) {
    return {
      lower: from === undefined ? lower : Math.max(lower, firstSeqAt(statements, from) - 1),
      upper: to === undefined ? upper : Math.min(upper, firstSeqAt(statements, to)),
    };
  }

  return {
    listChanges: async (filter, page) =>
      snapshot(() => {
        if (page.after !== undefined && page.after < number(PRUNED_TO, {})) throw new ChangesPruned();
        const { lower, upper, down } = spanOf(page, false);
        const values = { ...valuesOf(filter), ...inTime(filter, lower, upper), limit: page.limit + 1 };
        const order = `order by c.seq ${down ? 'desc' : 'asc'} limit @limit`;
        return listed(
          rows(`select ${CHANGE_COLUMNS} from ${source(filter, order)} ${order}`, values).map(readChange),
          page,
        );
      }),
    countChanges: async (filter) =>
      snapshot(() => {
        if (Object.values(filter).every((it) => it === undefined)) return number('select count(*) from changes', {});
        return number(`select count(*) from ${source(filter)}`, { ...valuesOf(filter), ...inTime(filter) });
      }),
    // A row that is taken out of the log takes no place with it.
    changesHead: async () => number("select seq from sqlite_sequence where name = 'changes'", {}),
  };
}

const PRUNED_TO = 'select pruned_to from change_log';

const IN_SPAN = 'c.seq > @lower and c.seq < @upper';

/** What to read: everything after `from`, by what narrows most. With `first` only the rows that a page may take. */
function source(filter: ChangeFilter, first?: string): string {
  const { flatId, intercomId, actor, channel } = filter;
  if (flatId !== undefined || intercomId !== undefined || (actor === undefined && channel === undefined)) {
    const index =
      flatId !== undefined
        ? 'indexed by changes_flat'
        : intercomId !== undefined
          ? 'indexed by changes_intercom'
          : 'not indexed';
    const conditions = [IN_SPAN];
    if (flatId !== undefined) conditions.push('c.flat_id = @flatId');
    if (intercomId !== undefined) conditions.push('c.intercom_id = @intercomId');
    if (actor !== undefined) conditions.push('c.actor = @actor');
    if (channel !== undefined) conditions.push('c.channel = @channel');
    return `changes c ${index}${where(conditions)}`;
  }
  const one = (who: string, way: string) =>
    `changes c indexed by changes_actor where c.actor = ${who} and c.channel = ${way} and ${IN_SPAN}`;
  if (actor !== undefined && channel !== undefined) return one('@actor', '@channel');

  // The index has the actor first and then the channel, so that either alone is one range for each value of the other.
  const ranges =
    actor === undefined
      ? `${ACTORS} cross join (select @channel as way)`
      : `${CHANNEL_LIST} cross join (select @actor as who)`;
  if (!first) {
    return `${ranges} cross join changes c indexed by changes_actor on c.actor = who and c.channel = way where ${IN_SPAN}`;
  }
  // Of each range no more rows than the page may take.
  return `${ranges} cross join changes c not indexed on c.seq in (select c.seq from ${one('who', 'way')} ${first})`;
}

const CHANNEL_LIST = `(select value as way from json_each('${JSON.stringify(CHANNELS)}'))`;

/** Everyone who is in the log, each found by one step in the index. */
const ACTORS = `(with recursive actors(who) as (
    select min(actor) from changes
    union all
    select (select min(actor) from changes where actor > who) from actors where who is not null
  ) select who from actors where who is not null)`;

function valuesOf({ flatId, intercomId, actor, channel }: ChangeFilter): Values {
  return {
    ...(flatId !== undefined && { flatId }),
    ...(intercomId !== undefined && { intercomId }),
    ...(actor !== undefined && { actor }),
    ...(channel !== undefined && { channel }),
  };
}

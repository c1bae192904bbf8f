import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { foldTitle } from '../../../domain/intercom.ts';
import { LINES } from '../../../domain/lines.ts';
import { lastWithPrefix } from '../../paging.ts';
import { masksOf } from '../../rows.ts';
import { f, k, l, text, u } from '../sql-text.ts';
import { flatUsers, intercoms, keys, users } from '../tables.ts';
import type { Values } from './query.ts';

/** The filters that are given. */
export type GivenFilter = keyof FlatFilter;

/**
 * The condition of each filter on `flats f`; the parameters are named after the filters. A list of ids is given as `in`, so that
 * the planner may begin with it where it is short.
 */
const CONDITIONS: Readonly<Record<Exclude<GivenFilter, 'lines'>, string>> = {
  intercomId: text`${f.intercomId} = @intercomId`,
  flatIds: text`${f.id} = any(@flatIds::bigint[])`,
  flat: text`${f.flat} = @flat`,
  flatFrom: text`${f.flat} >= @flatFrom`,
  flatTo: text`${f.flat} <= @flatTo`,
  keyCode: text`${f.id} in (select ${k.flatId} from ${keys} ${k} where ${k.code} = @keyCode)`,
  userLogin: text`${f.id} in (select ${l.flatId} from ${flatUsers} ${l}
    where ${l.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin))`,
  userLoginPrefix: text`${f.id} in (select ${l.flatId} from ${flatUsers} ${l} join ${users} ${u} on ${u.id} = ${l.userId}
    where ${u.login} between @userLoginPrefix and @userLoginLast)`,
  intercomTitle: text`${f.intercomId} in (select ${intercoms.id} from ${intercoms}
    where position(@intercomTitle in ${intercoms.titleFolded}) > 0)`,
  changedSince: text`${f.updatedAt} >= @changedSince`,
};

const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

/** Whether no flat needs to be tested for its lines. */
export const hasNoLines = ({ lines }: FlatFilter): boolean => LINES.every((line) => lines[line] === undefined);

/** The conditions of a filter, without those that are met already. */
export function conditionsOf(filter: FlatFilter, met: readonly GivenFilter[] = []): string[] {
  const conditions = NAMES.filter((name) => filter[name] !== undefined && !met.includes(name)).map(
    (name) => CONDITIONS[name],
  );
  if (hasNoLines(filter)) return conditions;
  // Written into the text: the planner knows how many flats stand in each state.
  return [...conditions, text`${f.lines} in (${masksOf(filter.lines).join(', ')})`];
}

/** The parameters of a filter's conditions. */
export function valuesOf(filter: FlatFilter): Values {
  const values: Record<string, number | string | readonly number[]> = {};
  for (const name of NAMES) {
    const value = filter[name];
    if (value !== undefined) values[name] = value;
  }
  if (filter.intercomTitle !== undefined) values.intercomTitle = foldTitle(filter.intercomTitle);
  if (filter.userLoginPrefix !== undefined) values.userLoginLast = lastWithPrefix(filter.userLoginPrefix);
  return values;
}

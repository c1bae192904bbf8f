import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { foldTitle } from '../../../domain/intercom.ts';
import { LINES, type Line } from '../../../domain/lines.ts';
import { lastWithPrefix } from '../../paging.ts';
import { f, l, text, u } from '../sql-text.ts';
import { flatUsers, intercoms, keys, users } from '../tables.ts';
import type { Values } from './query.ts';

/** The filters that are given. */
export type GivenFilter = keyof FlatFilter;

/** The condition of each filter on `flats f`, for any access path; the parameters are named after the filters. */
const CONDITIONS: Readonly<Record<Exclude<GivenFilter, 'lines'>, string>> = {
  flatIds: text`${f.id} in (select value from json_each(@flatIds))`,
  intercomId: text`${f.intercomId} = @intercomId`,
  flat: text`${f.flat} = @flat`,
  flatFrom: text`${f.flat} >= @flatFrom`,
  flatTo: text`${f.flat} <= @flatTo`,
  keyCode: text`exists (select 1 from ${keys} where ${keys.flatId} = ${f.id} and ${keys.code} = @keyCode)`,
  userLogin: text`exists (select 1 from ${flatUsers} where ${flatUsers.flatId} = ${f.id}
    and ${flatUsers.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin))`,
  userLoginPrefix: text`exists (select 1 from ${flatUsers} ${l} cross join ${users} ${u} not indexed on ${u.id} = ${l.userId}
    where ${l.flatId} = ${f.id} and ${u.login} between @userLoginPrefix and @userLoginLast)`,
  intercomTitle: text`instr((select ${intercoms.titleFolded} from ${intercoms} where ${intercoms.id} = ${f.intercomId}), @intercomTitle) > 0`,
  changedSince: text`${f.updatedAt} >= @changedSince`,
};

const LINE_CONDITIONS = Object.fromEntries(LINES.map((line) => [line, text`${f[line]} = @${line}`])) as Record<
  Line,
  string
>;

const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

/** The part of a filter with these conditions. */
export const pick = (filter: FlatFilter, names: readonly GivenFilter[]): FlatFilter => ({
  lines: {},
  ...Object.fromEntries(names.map((name) => [name, filter[name]])),
});

/** The conditions of a filter, without those that the access path has met. */
export function conditionsOf(filter: FlatFilter, met: readonly GivenFilter[]): string[] {
  const conditions = NAMES.filter((name) => filter[name] !== undefined && !met.includes(name)).map(
    (name) => CONDITIONS[name],
  );
  if (met.includes('lines')) return conditions;
  const lines = LINES.filter((line) => filter.lines[line] !== undefined);
  return [...conditions, ...lines.map((line) => LINE_CONDITIONS[line])];
}

/** The parameters of a filter's conditions. */
export function valuesOf(filter: FlatFilter): Values {
  const values: Record<string, number | string> = {};
  for (const name of NAMES) {
    const value = filter[name];
    if (value !== undefined) values[name] = typeof value === 'object' ? JSON.stringify(value) : value;
  }
  for (const line of LINES) if (filter.lines[line] !== undefined) values[line] = Number(filter.lines[line]);
  if (filter.intercomTitle !== undefined) values.intercomTitle = foldTitle(filter.intercomTitle);
  if (filter.userLoginPrefix !== undefined) values.userLoginLast = lastWithPrefix(filter.userLoginPrefix);
  return values;
}

import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { MAX_LOGIN } from '../../../domain/import-row.ts';
import { foldTitle } from '../../../domain/intercom.ts';
import { LINES } from '../../../domain/lines.ts';
import { flats } from '../tables.ts';
import type { Values } from './query.ts';

/** The filters that are given. */
export type GivenFilter = keyof FlatFilter;

/** The condition of each filter on `flats f`, for any access path; the parameters are named after the filters. */
const CONDITIONS: Readonly<Record<Exclude<GivenFilter, 'lines'>, string>> = {
  intercomId: 'f.intercom_id = @intercomId',
  flat: 'f.flat = @flat',
  flatFrom: 'f.flat >= @flatFrom',
  flatTo: 'f.flat <= @flatTo',
  keyCode: 'exists (select 1 from keys where flat_id = f.id and code = @keyCode)',
  userLogin:
    'exists (select 1 from flat_users where flat_id = f.id and user_id = (select id from users where login = @userLogin))',
  userLoginPrefix:
    'exists (select 1 from flat_users fu cross join users u not indexed on u.id = fu.user_id where fu.flat_id = f.id and u.login between @userLoginPrefix and @userLoginLast)',
  intercomTitle: 'instr((select title_folded from intercoms where id = f.intercom_id), @intercomTitle) > 0',
  changedSince: 'f.updated_at >= @changedSince',
};

const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

/** The conditions of a filter, without those that the access path has met. */
export function conditionsOf(filter: FlatFilter, met: readonly GivenFilter[]): string[] {
  const conditions = NAMES.filter((name) => filter[name] !== undefined && !met.includes(name)).map(
    (name) => CONDITIONS[name],
  );
  if (met.includes('lines')) return conditions;
  const lines = LINES.filter((line) => filter.lines[line] !== undefined);
  return [...conditions, ...lines.map((line) => `f.${flats[line].name} = @${line}`)];
}

/** No login is longer than the prefix and so many of the greatest character, so that this is the last one with it. */
const lastLogin = (prefix: string): string => prefix + '\u{10ffff}'.repeat(MAX_LOGIN);

/** The parameters of a filter's conditions. */
export function valuesOf(filter: FlatFilter): Values {
  const values: Record<string, number | string> = {};
  for (const name of NAMES) {
    const value = filter[name];
    if (value !== undefined) values[name] = value;
  }
  for (const line of LINES) if (filter.lines[line] !== undefined) values[line] = Number(filter.lines[line]);
  if (filter.intercomTitle !== undefined) values.intercomTitle = foldTitle(filter.intercomTitle);
  if (filter.userLoginPrefix !== undefined) values.userLoginLast = lastLogin(filter.userLoginPrefix);
  return values;
}

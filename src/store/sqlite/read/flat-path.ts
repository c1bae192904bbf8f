import type { FlatFilter, FlatSort } from '../../../domain/flat-filter.ts';
import { LINES } from '../../../domain/lines.ts';
import { f, i, k, l, text, u } from '../sql-text.ts';
import { flats, flatUsers, intercoms, keys, users } from '../tables.ts';
import type { GivenFilter } from './flat-conditions.ts';

/** An access path: the index that finds flats. */
export interface FlatPath {
  /**
   * The `from` clause, ending in `flats f`; each index is named, since the planner cannot know how selective a filter is.
   */
  readonly from: string;
  /** Conditions of its own, beside those of the filter. */
  readonly conditions: readonly string[];
  /** The filters that these conditions have met. */
  readonly met: readonly GivenFilter[];
  /** Whether it is one range of an index for each state of the lines, or two: flats never changed, and changed ones. */
  readonly ranges: 'one' | 'perLines' | 'perLinesAndChanged';
  /** The order in which each range is read without sorting; for another one all matches are sorted. */
  readonly order: FlatSort['by'] | undefined;
  /** What holds the intercom's id. */
  readonly intercom: string;
}

const OF_FLAT = text`${f.intercomId}`;
export const OF_INTERCOM = text`${i.id}`;

const byKey: FlatPath = {
  from: text`${keys} ${k} cross join ${flats} ${f} not indexed on ${f.id} = ${k.flatId}`,
  conditions: [text`${k.code} = @keyCode`],
  met: ['keyCode'],
  ranges: 'one',
  order: undefined,
  intercom: OF_FLAT,
};

const byUser: FlatPath = {
  from: text`${users} ${u} cross join ${flatUsers} ${l} on ${l.userId} = ${u.id}
    cross join ${flats} ${f} not indexed on ${f.id} = ${l.flatId}`,
  conditions: [text`${u.login} = @userLogin`],
  met: ['userLogin'],
  ranges: 'one',
  order: undefined,
  intercom: OF_FLAT,
};

/** Several users with this prefix may live in one flat. */
const byUserPrefix: FlatPath = {
  from: text`(select distinct ${flatUsers.flatId} as id from ${users} ${u} cross join ${flatUsers} on ${flatUsers.userId} = ${u.id}
    where ${u.login} between @userLoginPrefix and @userLoginLast) found cross join ${flats} ${f} not indexed on ${f.id} = found.id`,
  conditions: [],
  met: ['userLoginPrefix'],
  ranges: 'one',
  order: undefined,
  intercom: OF_FLAT,
};

/** All flats, or those of one intercom. */
const byIntercom: FlatPath = {
  from: text`${flats} ${f} indexed by flats_intercom_flat`,
  conditions: [],
  met: [],
  ranges: 'one',
  order: 'INTERCOM',
  intercom: OF_FLAT,
};

const byFlat: FlatPath = { ...byIntercom, from: text`${flats} ${f} indexed by flats_flat` };

/** Scans the intercoms, and in each seeks the flats that may match. */
const throughIntercoms: FlatPath = {
  ...byIntercom,
  intercom: OF_INTERCOM,
  from: text`${intercoms} ${i} not indexed cross join ${flats} ${f} indexed by flats_intercom_flat on ${f.intercomId} = ${i.id}`,
};

const byLinesAndIntercom: FlatPath = {
  from: text`${flats} ${f} indexed by flats_lines_intercom`,
  conditions: [],
  met: ['lines'],
  ranges: 'perLines',
  order: 'INTERCOM',
  intercom: OF_FLAT,
};

const throughIntercomsByLines: FlatPath = {
  ...byLinesAndIntercom,
  intercom: OF_INTERCOM,
  from: text`${intercoms} ${i} not indexed cross join ${flats} ${f} indexed by flats_lines_intercom on ${f.intercomId} = ${i.id}`,
};

/** Tests the title once for each intercom, not for each of its flats. */
const titled = (path: FlatPath): FlatPath => ({
  ...path,
  conditions: [text`instr(${i.titleFolded}, @intercomTitle) > 0`],
  met: [...path.met, 'intercomTitle'],
});

const byUpdate: FlatPath = {
  from: text`${flats} ${f} indexed by flats_lines_updated`,
  conditions: [],
  met: ['lines'],
  ranges: 'perLinesAndChanged',
  order: 'UPDATED',
  intercom: OF_FLAT,
};

/** The most selective path; the other filters are tested on each flat that it finds. */
export function pathOf(filter: FlatFilter, { by }: FlatSort): FlatPath {
  const lines = LINES.some((line) => filter.lines[line] !== undefined);
  if (filter.keyCode !== undefined) return byKey;
  if (filter.userLogin !== undefined) return byUser;
  if (filter.userLoginPrefix !== undefined) return byUserPrefix;
  if (filter.intercomId !== undefined) return lines ? byLinesAndIntercom : byIntercom;
  if (filter.flat !== undefined) return byFlat;
  if (filter.changedSince !== undefined) return byUpdate;
  const through = lines ? throughIntercomsByLines : throughIntercoms;
  if (filter.intercomTitle !== undefined) return titled(through);
  if (filter.flatFrom !== undefined || filter.flatTo !== undefined) return through;
  if (by === 'UPDATED') return byUpdate;
  return lines ? byLinesAndIntercom : byIntercom;
}

import type { FlatFilter, FlatSort } from '../../../domain/flat-filter.ts';
import { LINES } from '../../../domain/lines.ts';
import { f, i, k, l, text, u } from '../sql-text.ts';
import { flats, flatUsers, intercoms, keys, users } from '../tables.ts';
import type { GivenFilter } from './flat-conditions.ts';

/** An access path: the index that finds flats. */
export interface AccessPath {
  /** The index that is read; it is named, since the planner cannot know how selective a filter is. */
  readonly along: string;
  /** The join from there to `flats f`; empty where that is read itself. */
  readonly join: string;
  /** The range of the index, and other conditions of the path. */
  readonly range: readonly string[];
  /** The filters that the range has met. */
  readonly met: readonly GivenFilter[];
  /** Rows to count for the size of the path, without its join; at least as many as it finds. */
  readonly size?: string;
}

/** A path of a list. */
export interface ListPath extends AccessPath {
  /** Whether it is one range of an index for each state of the lines, or two: flats never changed, and changed ones. */
  readonly ranges: 'one' | 'perLines' | 'perLinesAndChanged';
  /** The order in which each range is read without sorting; for another one all matches are sorted. */
  readonly order: FlatSort['by'] | undefined;
  /** What holds the intercom's id. */
  readonly intercom: string;
}

/**
 * A path of a scan: a range of an index with one number to continue from, which no update of lines changes. So the rows of a
 * step can be counted beforehand, and nothing has to be sorted.
 */
export interface ScanPath extends AccessPath {
  /** The column that grows along the range, without duplicates. */
  readonly position: string;
}

const byKey: AccessPath = {
  along: text`${keys} ${k} indexed by keys_by_code`,
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = ${k.flatId}`,
  range: [text`${k.code} = @keyCode`],
  met: ['keyCode'],
  size: text`${keys} ${k} indexed by keys_by_code where ${k.code} = @keyCode`,
};

const byUser: AccessPath = {
  along: text`${flatUsers} ${l} indexed by flat_users_user`,
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = ${l.flatId}`,
  range: [text`${l.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin)`],
  met: ['userLogin'],
  size: text`${flatUsers} ${l} indexed by flat_users_user
    where ${l.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin)`,
};

/** Several users with this prefix may live in one flat. */
const byUserPrefix: AccessPath = {
  along: text`(select distinct ${flatUsers.flatId} as id from ${users} ${u} cross join ${flatUsers} on ${flatUsers.userId} = ${u.id}
    where ${u.login} between @userLoginPrefix and @userLoginLast) found`,
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = found.id`,
  range: [],
  met: ['userLoginPrefix'],
  size: text`${users} ${u} cross join ${flatUsers} on ${flatUsers.userId} = ${u.id}
    where ${u.login} between @userLoginPrefix and @userLoginLast`,
};

const byFlat: AccessPath = {
  along: text`${flats} ${f} indexed by flats_flat`,
  join: '',
  range: [text`${f.flat} = @flat`],
  met: ['flat'],
};

const all: AccessPath = { along: text`${flats} ${f} indexed by flats_intercom_flat`, join: '', range: [], met: [] };

const byIntercom: AccessPath = { ...all, range: [text`${f.intercomId} = @intercomId`], met: ['intercomId'] };

const byLines: AccessPath = {
  along: text`${flats} ${f} indexed by flats_lines_intercom`,
  join: '',
  range: [],
  met: ['lines'],
};

const byUpdate: AccessPath = { ...byLines, along: text`${flats} ${f} indexed by flats_lines_updated` };

const byId: AccessPath = { along: text`${flats} ${f} not indexed`, join: '', range: [], met: [] };

const byIds: AccessPath = {
  ...byId,
  range: [text`${f.id} in (select value from json_each(@flatIds))`],
  met: ['flatIds'],
};

/** Scans the intercoms, and in each seeks the flats that may match. */
const throughIntercoms: AccessPath = {
  along: text`${intercoms} ${i} not indexed`,
  join: text` cross join ${flats} ${f} indexed by flats_intercom_flat on ${f.intercomId} = ${i.id}`,
  range: [],
  met: [],
};

const throughIntercomsByLines: AccessPath = {
  ...throughIntercoms,
  join: text` cross join ${flats} ${f} indexed by flats_lines_intercom on ${f.intercomId} = ${i.id}`,
  met: ['lines'],
};

const IN_TITLE = text`instr(${i.titleFolded}, @intercomTitle) > 0`;

/** Tests the title once for each intercom, not for each of its flats. */
const titled = (path: AccessPath): AccessPath => ({
  ...path,
  range: [IN_TITLE],
  met: [...path.met, 'intercomTitle'],
});

const OF_FLAT = text`${f.intercomId}`;
export const OF_INTERCOM = text`${i.id}`;

const sorted = (path: AccessPath): ListPath => ({ ...path, ranges: 'one', order: undefined, intercom: OF_FLAT });
const inOrder = (path: AccessPath): ListPath => ({ ...path, ranges: 'one', order: 'INTERCOM', intercom: OF_FLAT });
const perLines = (path: AccessPath): ListPath => ({ ...inOrder(path), ranges: 'perLines' });
export const perUpdate: ListPath = { ...byUpdate, ranges: 'perLinesAndChanged', order: 'UPDATED', intercom: OF_FLAT };

/** A path that may be selective, with the filters that say so. How many flats it finds is to be counted. */
export interface Candidate {
  readonly path: ListPath;
  readonly filters: readonly GivenFilter[];
}

/** The paths that may find few flats, the most promising ones first. */
export function candidatesOf(filter: FlatFilter): readonly Candidate[] {
  const has = (...names: readonly Exclude<GivenFilter, 'lines'>[]) => names.some((it) => filter[it] !== undefined);
  const lines = hasLines(filter);
  const through = lines ? perLines(throughIntercomsByLines) : inOrder(throughIntercoms);
  const candidates: Candidate[] = [];
  const add = (path: ListPath, ...filters: GivenFilter[]) => candidates.push({ path, filters });
  if (has('flatIds')) add(sorted(byIds), 'flatIds');
  if (has('keyCode')) add(sorted(byKey), 'keyCode');
  if (has('userLogin')) add(sorted(byUser), 'userLogin');
  if (has('flat')) add(inOrder(byFlat), 'flat');
  if (has('intercomId')) {
    add(lines ? perLines(byLines) : inOrder(byIntercom), 'intercomId', 'flatFrom', 'flatTo', 'lines');
  }
  if (has('userLoginPrefix')) add(sorted(byUserPrefix), 'userLoginPrefix');
  if (has('intercomTitle')) {
    add({ ...through, ...titled(through), intercom: OF_INTERCOM }, 'intercomTitle', 'flatFrom', 'flatTo', 'lines');
  }
  if (has('changedSince')) add(perUpdate, 'changedSince', 'lines');
  if (has('flatFrom', 'flatTo')) add({ ...through, intercom: OF_INTERCOM }, 'flatFrom', 'flatTo', 'lines');
  if (lines) add(perLines(byLines), 'lines');
  return candidates;
}

/** The path that reads flats in the order of a sort. */
export function orderedPathOf(filter: FlatFilter, by: FlatSort['by']): ListPath {
  if (by === 'UPDATED') return perUpdate;
  if (hasLines(filter)) return perLines(byLines);
  return inOrder(filter.intercomId === undefined ? all : byIntercom);
}

const hasLines = ({ lines }: FlatFilter): boolean => LINES.some((line) => lines[line] !== undefined);

const SCANS = {
  flatIds: { ...byIds, position: text`${f.id}` },
  keyCode: { ...byKey, position: text`${k.flatId}` },
  userLogin: { ...byUser, position: text`${l.flatId}` },
  intercomId: { ...byIntercom, position: text`${f.flat}` },
  flat: { ...byFlat, position: OF_FLAT },
} as const satisfies Partial<Record<GivenFilter, ScanPath>>;
const SCAN_ALL: ScanPath = { ...byId, position: text`${f.id}` };

export function scanPathOf(filter: FlatFilter): ScanPath {
  const given = (['flatIds', 'keyCode', 'userLogin', 'intercomId', 'flat'] as const).find(
    (it) => filter[it] !== undefined,
  );
  return given ? SCANS[given] : SCAN_ALL;
}

import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { LINES } from '../../../domain/lines.ts';
import type { Reads } from '../../store.ts';
import { toLines } from '../rows.ts';
import { f, k, l, text } from '../sql-text.ts';
import { flats, flatUsers, keys, users } from '../tables.ts';
import { conditionsOf, type GivenFilter, valuesOf } from './flat-conditions.ts';
import { type Statements, where } from './query.ts';

/**
 * The access path of a scan: a range of an index with one number to continue from, which no update of lines changes. So the
 * rows of a step can be counted beforehand, and nothing has to be sorted.
 */
interface ScanPath {
  /** The index that is scanned. */
  readonly along: string;
  /** How to get from there to `flats f`. */
  readonly join: string;
  /** The range of the index. */
  readonly range: readonly string[];
  /** The filters that the range has met. */
  readonly met: readonly GivenFilter[];
  /** The column that grows along the range, without duplicates. */
  readonly position: string;
}

const byKey: ScanPath = {
  along: text`${keys} ${k} indexed by keys_by_code`,
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = ${k.flatId}`,
  range: [text`${k.code} = @keyCode`],
  met: ['keyCode'],
  position: text`${k.flatId}`,
};

const byUser: ScanPath = {
  along: text`${flatUsers} ${l} indexed by flat_users_user`,
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = ${l.flatId}`,
  range: [text`${l.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin)`],
  met: ['userLogin'],
  position: text`${l.flatId}`,
};

const byIntercom: ScanPath = {
  along: text`${flats} ${f} indexed by flats_intercom_flat`,
  join: '',
  range: [text`${f.intercomId} = @intercomId`],
  met: ['intercomId'],
  position: text`${f.flat}`,
};

const byFlat: ScanPath = {
  along: text`${flats} ${f} indexed by flats_flat`,
  join: '',
  range: [text`${f.flat} = @flat`],
  met: ['flat'],
  position: text`${f.intercomId}`,
};

const byId: ScanPath = {
  along: text`${flats} ${f} not indexed`,
  join: '',
  range: [],
  met: [],
  position: text`${f.id}`,
};

function pathOf({ keyCode, userLogin, intercomId, flat }: FlatFilter): ScanPath {
  if (keyCode !== undefined) return byKey;
  if (userLogin !== undefined) return byUser;
  if (intercomId !== undefined) return byIntercom;
  return flat !== undefined ? byFlat : byId;
}

const COLUMNS = [f.id, ...LINES.map((line) => f[line])].map((column) => text`${column}`).join(', ');

export const createFlatScan = ({ rows }: Statements): Pick<Reads, 'scanFlats'> => ({
  async scanFlats(filter, after, budget) {
    const { along, join, range, met, position } = pathOf(filter);
    const values = { ...valuesOf(filter), after, budget };
    const ahead = `${along}${where([...range, `${position} > @after`])} order by ${position} limit @budget`;
    const [scanned = 0, last] = rows(
      `select count(*), max(position) from (select ${position} as position from ${ahead})`,
      values,
    )[0] as [number, number | null];
    if (last === null) return { flats: [], next: undefined };
    const conditions = [...range, `${position} > @after`, `${position} <= @last`, ...conditionsOf(filter, met)];
    const found = rows(`select ${COLUMNS} from ${along}${join}${where(conditions)} order by ${position}`, {
      ...values,
      last,
    });
    return {
      flats: found.map((columns) => ({ id: columns[0] as number, lines: toLines(columns, 1) })),
      next: scanned < budget ? undefined : last,
    };
  },
});

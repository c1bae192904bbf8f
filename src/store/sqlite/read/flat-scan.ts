import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { LINES } from '../../../domain/lines.ts';
import type { Reads } from '../../store.ts';
import { toLines } from '../rows.ts';
import { flats } from '../tables.ts';
import { conditionsOf, type GivenFilter, valuesOf } from './flat-conditions.ts';
import { type Statements, where } from './query.ts';

/**
 * The access path of a scan: a range of an index with one number to continue from, which no update of lines changes. So the
 * rows of a step can be counted beforehand, and nothing has to be sorted.
 */
interface WalkPath {
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

const byKey: WalkPath = {
  along: 'keys k indexed by keys_by_code',
  join: ' cross join flats f not indexed on f.id = k.flat_id',
  range: ['k.code = @keyCode'],
  met: ['keyCode'],
  position: 'k.flat_id',
};

const byUser: WalkPath = {
  along: 'flat_users l indexed by flat_users_user',
  join: ' cross join flats f not indexed on f.id = l.flat_id',
  range: ['l.user_id = (select id from users where login = @userLogin)'],
  met: ['userLogin'],
  position: 'l.flat_id',
};

const byIntercom: WalkPath = {
  along: 'flats f indexed by flats_intercom_flat',
  join: '',
  range: ['f.intercom_id = @intercomId'],
  met: ['intercomId'],
  position: 'f.flat',
};

const byFlat: WalkPath = {
  along: 'flats f indexed by flats_flat',
  join: '',
  range: ['f.flat = @flat'],
  met: ['flat'],
  position: 'f.intercom_id',
};

const byId: WalkPath = { along: 'flats f not indexed', join: '', range: [], met: [], position: 'f.id' };

function pathOf({ keyCode, userLogin, intercomId, flat }: FlatFilter): WalkPath {
  if (keyCode !== undefined) return byKey;
  if (userLogin !== undefined) return byUser;
  if (intercomId !== undefined) return byIntercom;
  return flat !== undefined ? byFlat : byId;
}

const COLUMNS = ['f.id', ...LINES.map((line) => `f.${flats[line].name}`)].join(', ');

export const createFlatScan = ({ rows }: Statements): Pick<Reads, 'scanFlats'> => ({
  async scanFlats(filter, after, budget) {
    const { along, join, range, met, position } = pathOf(filter);
    const values = { ...valuesOf(filter), after, budget };
    const ahead = `${along}${where([...range, `${position} > @after`])} order by ${position} limit @budget`;
    const [looked = 0, last] = rows(
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
      next: looked < budget ? undefined : last,
    };
  },
});

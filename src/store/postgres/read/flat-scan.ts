import type { FlatFilter } from '../../../domain/flat-filter.ts';
import { LINES } from '../../../domain/lines.ts';
import { where } from '../../paging.ts';
import { toLines } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { f, k, l, text } from '../sql-text.ts';
import { flats, flatUsers, keys, users } from '../tables.ts';
import { conditionsOf, type GivenFilter, valuesOf } from './flat-conditions.ts';
import type { Reader } from './query.ts';

/** A range of an index with one number to continue from, which no update of lines changes. */
interface ScanPath {
  readonly along: string;
  readonly join: string;
  readonly range: readonly string[];
  readonly met: readonly GivenFilter[];
  readonly position: string;
}

const ALONG_FLATS = { along: text`${flats} ${f}`, join: '' };
const SCANS = {
  keyCode: {
    along: text`${keys} ${k}`,
    join: text` join ${flats} ${f} on ${f.id} = ${k.flatId}`,
    range: [text`${k.code} = @keyCode`],
    met: ['keyCode'],
    position: text`${k.flatId}`,
  },
  userLogin: {
    along: text`${flatUsers} ${l}`,
    join: text` join ${flats} ${f} on ${f.id} = ${l.flatId}`,
    range: [text`${l.userId} = (select ${users.id} from ${users} where ${users.login} = @userLogin)`],
    met: ['userLogin'],
    position: text`${l.flatId}`,
  },
  intercomId: {
    ...ALONG_FLATS,
    range: [text`${f.intercomId} = @intercomId`],
    met: ['intercomId'],
    position: text`${f.flat}`,
  },
  flat: { ...ALONG_FLATS, range: [text`${f.flat} = @flat`], met: ['flat'], position: text`${f.intercomId}` },
} as const satisfies Partial<Record<GivenFilter, ScanPath>>;
const SCAN_ALL: ScanPath = { ...ALONG_FLATS, range: [], met: [], position: text`${f.id}` };

function scanPathOf(filter: FlatFilter): ScanPath {
  const given = (['keyCode', 'userLogin', 'intercomId', 'flat'] as const).find((it) => filter[it] !== undefined);
  return given ? SCANS[given] : SCAN_ALL;
}

const COLUMNS = [f.id, ...LINES.map((line) => f[line])].map((column) => text`${column}`).join(', ');

export const createFlatScan = ({ rows }: Reader): Pick<Reads, 'scanFlats'> => ({
  async scanFlats(filter, after, budget) {
    const { along, join, range, met, position } = scanPathOf(filter);
    const tests = conditionsOf(filter, met);
    // One statement, so that the flats it finds are among those it counts.
    const found = await rows(
      `with ahead as (select ${position} as place from ${along}${where([...range, `${position} > @after`])}
          order by ${position} limit @budget),
        scanned as (select count(*) as count, max(place) as last from ahead)
      select scanned.count, scanned.last, ${COLUMNS} from scanned left join ${join === '' ? along : `(${along}${join})`} on
        ${[...range, `${position} > @after`, `${position} <= scanned.last`, ...tests].join(' and ')}
      order by ${position}`,
      { ...valuesOf(filter), after, budget },
    );
    const [scanned = 0, last] = (found[0] ?? []) as [number, number | null];
    return {
      flats: found
        .filter((columns) => columns[2] !== null)
        .map((columns) => ({ id: columns[2] as number, lines: toLines(columns, 3) })),
      next: scanned < budget || last === null ? undefined : last,
    };
  },
});

import type { FlatFilter, FlatPosition, FlatSort } from '../../../domain/flat-filter.ts';
import { listed, type Span, spanOf, where } from '../../paging.ts';
import { masksOf, toFlat } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { f, text } from '../sql-text.ts';
import { changeLog, flats } from '../tables.ts';
import { conditionsOf, valuesOf } from './flat-conditions.ts';
import type { Reader } from './query.ts';

const FLATS = text`${flats} ${f}`;
const ORDERS: Readonly<Record<FlatSort['by'], readonly [string, string]>> = {
  INTERCOM: [text`${f.intercomId}`, text`${f.flat}`],
  UPDATED: [text`${f.updatedAt}`, text`${f.id}`],
};

/** The planner chooses the access path: unlike SQLite's it knows how often values occur, and it blocks nobody else meanwhile. */
export function createFlatLists(reader: Reader): Pick<Reads, 'listFlats' | 'countFlats'> {
  return {
    async listFlats(filter, sort, page) {
      const span = spanOf(page, sort.descending);
      const { bounds, positions } = boundsOf(sort.by, span);
      const [first, second] = ORDERS[sort.by];
      const direction = span.down ? 'desc' : 'asc';
      const order = `order by ${first} ${direction}, ${second} ${direction}`;
      // Only the links of a page are counted.
      const sql = `select ${FLAT_COLUMNS} from (select f.* from ${FLATS}${where([...conditionsOf(filter), ...bounds])}
        ${order} limit @limit) f ${order}`;
      const values = { ...valuesOf(filter), ...positions, limit: page.limit + 1 };
      const read = hasOnePlan(filter, sort) ? reader.prepared : reader.rows;
      return listed((await read(sql, values)).map(toFlat), page);
    },
    async countFlats(filter) {
      const conditions = conditionsOf(filter);
      if (conditionsOf({ ...filter, lines: {} }).length > 0) {
        return reader.count(`${FLATS}${where(conditions)}`, valuesOf(filter));
      }
      const counted = masksOf(filter.lines).map((mask) => text`${changeLog.counts}[${mask + 1}]`);
      const count = await reader.number(`select ${counted.join(' + ')} from ${text`${changeLog}`} where one`, {});
      return { count, isExact: true };
    },
  };
}

/** Whether the flats lie in the order of the list in one index, whatever the values. */
const hasOnePlan = (filter: FlatFilter, { by }: FlatSort): boolean =>
  by === 'INTERCOM' && conditionsOf(filter, ['flat', 'intercomId']).length === 0;

function boundsOf(by: FlatSort['by'], span: Span<FlatPosition>) {
  const bounds: string[] = [];
  const positions: Record<string, number> = {};
  for (const [end, sign] of [
    ['lower', '>'],
    ['upper', '<'],
  ] as const) {
    const position = span[end];
    if (!position) continue;
    [positions[`${end}0`], positions[`${end}1`]] = position;
    bounds.push(`(${ORDERS[by].join(', ')}) ${sign} (@${end}0, @${end}1)`);
  }
  return { bounds, positions };
}

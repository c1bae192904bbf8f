import { LINES } from '../../../domain/lines.ts';
import { where } from '../../paging.ts';
import { toLines } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { f, text } from '../sql-text.ts';
import { scanPathOf } from './access-paths.ts';
import { conditionsOf, valuesOf } from './flat-conditions.ts';
import type { Statements } from './query.ts';
import { VISIBLE_FLAT } from './visible.ts';

const COLUMNS = [f.id, ...LINES.map((line) => f[line])].map((column) => text`${column}`).join(', ');

export const createFlatScan = ({ rows }: Statements): Pick<Reads, 'scanFlats'> => ({
  async scanFlats(filter, after, budget) {
    const { along, join, range, met, position } = scanPathOf(filter);
    const values = { ...valuesOf(filter), after, budget };
    const ahead = `${along}${where([...range, `${position} > @after`])} order by ${position} limit @budget`;
    const [scanned = 0, last] = rows(
      `select count(*), max(position) from (select ${position} as position from ${ahead})`,
      values,
    )[0] as [number, number | null];
    if (last === null) return { flats: [], next: undefined };
    const conditions = [
      ...range,
      `${position} > @after`,
      `${position} <= @last`,
      ...conditionsOf(filter, met),
      VISIBLE_FLAT,
    ];
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

import { masksOf, toLineStatistics } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { f, text } from '../sql-text.ts';
import { changeLog, flats } from '../tables.ts';
import type { Reader } from './query.ts';

const MASKS = masksOf({});
const CHANGED = text`${f.changed} and ${f.updatedAt} between @since and @until`;

const OF_ALL = text`select ${MASKS.map((mask) => `counts[${mask + 1}]`).join(', ')},
  (select count(*) from ${flats} ${f} where ${CHANGED}) from ${changeLog} where one`;

const OF_ONE = text`select ${MASKS.map((mask) => text`count(*) filter (where ${f.lines} = ${mask})`).join(', ')},
  count(*) filter (where ${CHANGED}) from ${flats} ${f} where ${f.intercomId} = @intercomId`;

/** One statement, so of one moment, whatever is written meanwhile. */
export const createStatistics = ({ rows }: Reader): Pick<Reads, 'lineStatistics'> => ({
  async lineStatistics(intercomId, since, until) {
    const [row] =
      intercomId === undefined
        ? await rows(OF_ALL, { since, until })
        : await rows(OF_ONE, { since, until, intercomId });
    return toLineStatistics(row as number[]);
  },
});

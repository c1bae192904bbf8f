import { masksOf, toLineStatistics } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { f, text } from '../sql-text.ts';
import { changeLog, flats } from '../tables.ts';
import type { Reader } from './query.ts';

const MASKS = masksOf({});
const CHANGED = text`${f.changed} and ${f.updatedAt} between @since and @until`;

const OF_ALL = text`select ${MASKS.map((mask) => `counts[${mask + 1}]`).join(', ')},
  (select count(*) from ${flats} ${f} where ${CHANGED}) from ${changeLog} where one`;

const OF_EACH = text`select j.id, ${MASKS.map((mask) => text`count(*) filter (where ${f.lines} = ${mask})`).join(', ')},
  count(*) filter (where ${CHANGED}) from unnest(@ids::bigint[]) as j(id) left join ${flats} ${f} on ${f.intercomId} = j.id group by j.id`;

const SILENT = text`select ${f.intercomId}, count(*) from ${flats} ${f} where ${f.lines} = 0
  group by ${f.intercomId} order by 2 desc, 1 limit @limit`;

/** Each is one statement, so of one moment, whatever is written meanwhile. */
export const createStatistics = ({
  rows,
}: Reader): Pick<Reads, 'lineStatistics' | 'lineStatisticsOf' | 'silentIntercoms'> => {
  const ofEach = async (ids: readonly number[], since: number, until: number) =>
    (await rows(OF_EACH, { ids, since, until })) as number[][];
  return {
    async lineStatistics(intercomId, since, until) {
      if (intercomId === undefined) return toLineStatistics((await rows(OF_ALL, { since, until }))[0] as number[]);
      return toLineStatistics(((await ofEach([intercomId], since, until))[0] as number[]).slice(1));
    },
    lineStatisticsOf: async (intercomIds, since, until) =>
      new Map(
        (await ofEach([...new Set(intercomIds)], since, until)).map(([id, ...counts]) => [
          id as number,
          toLineStatistics(counts),
        ]),
      ),
    silentIntercoms: async (limit) =>
      ((await rows(SILENT, { limit })) as [number, number][]).map(([intercomId, silentFlats]) => ({
        intercomId,
        silentFlats,
      })),
  };
};

import { setImmediate as nextTurn } from 'node:timers/promises';
import { masksOf, toLineStatistics } from '../../rows.ts';
import type { Reads, SilentIntercom } from '../../store.ts';
import { f, h, text } from '../sql-text.ts';
import { flats, hiddenFlats, lineCounts } from '../tables.ts';
import type { Statements } from './query.ts';
import { VISIBLE_FLAT } from './visible.ts';

const MASKS = masksOf({});

/** The number of flats in each state of the lines, and the number that were changed. */
const query = (counted: (mask: number) => string, changed: string) =>
  `select ${[...MASKS.map((mask) => `(${counted(mask)})`), changed].join(', ')}`;

// The index of changed flats does not say of which intercom they are, so the hidden ones, which are few, are taken off.
const HIDDEN_CHANGED = text` - (select count(*) from ${hiddenFlats} ${h} cross join ${flats} ${f} indexed by flats_intercom_flat
  on ${f.intercomId} = ${h.intercomId} and ${f.flat} between ${h.flatFrom} and ${h.flatTo}
  where ${f.changed} = 1 and ${f.updatedAt} between @since and @until)`;

const OF_ALL = query(
  (mask) => text`select ${lineCounts.flats} from ${lineCounts} where ${lineCounts.lines} = ${mask}`,
  MASKS.map(
    (mask) =>
      text`(select count(*) from ${flats} ${f} indexed by flats_lines_updated
        where ${f.lines} = ${mask} and ${f.changed} = 1 and ${f.updatedAt} between @since and @until)`,
  ).join(' + ') + HIDDEN_CHANGED,
);

const OF_EACH = text`select j.value, ${MASKS.map(
  (mask) => text`(select count(*) from ${flats} ${f} indexed by flats_lines_intercom
    where ${f.lines} = ${mask} and ${f.intercomId} = j.value and ${VISIBLE_FLAT})`,
).join(', ')}, (select count(*) from ${flats} ${f} indexed by flats_intercom_flat
    where ${f.intercomId} = j.value and ${f.changed} = 1 and ${f.updatedAt} between @since and @until and ${VISIBLE_FLAT})
  from json_each(@ids) j`;

/** How many flats are read at once: others are served between two such steps. */
const WINDOW = 20_000;
const SILENT = text`select ${f.intercomId}, max(${f.flat}), count(*), sum(${VISIBLE_FLAT}) from (
    select ${f.intercomId}, ${f.flat} from ${flats} ${f} indexed by flats_lines_intercom
    where ${f.lines} = 0 and (${f.intercomId}, ${f.flat}) > (@intercomId, @flat)
    order by ${f.intercomId}, ${f.flat} limit ${WINDOW}
  ) f group by ${f.intercomId} order by ${f.intercomId}`;

/** Each statement is of one moment, whatever is written meanwhile. */
export const createStatistics = ({
  rows,
}: Statements): Pick<Reads, 'lineStatistics' | 'lineStatisticsOf' | 'silentIntercoms'> => {
  const ofEach = (ids: readonly number[], since: number, until: number) =>
    rows(OF_EACH, { ids: JSON.stringify(ids), since, until }) as number[][];
  return {
    async lineStatistics(intercomId, since, until) {
      if (intercomId === undefined) return toLineStatistics(rows(OF_ALL, { since, until })[0] as number[]);
      return toLineStatistics((ofEach([intercomId], since, until)[0] as number[]).slice(1));
    },
    lineStatisticsOf: async (intercomIds, since, until) =>
      new Map(
        ofEach([...new Set(intercomIds)], since, until).map(([id, ...counts]) => [
          id as number,
          toLineStatistics(counts),
        ]),
      ),
    async silentIntercoms(limit) {
      let most: SilentIntercom[] = [];
      let [intercomId, flat, known] = [0, 0, 0];
      for (;;) {
        const step = rows(SILENT, { intercomId, flat }) as [number, number, number, number][];
        const found = step.map(([id, , , silent]) => ({
          intercomId: id,
          // A step may end within an intercom.
          silentFlats: silent + (id === intercomId ? known : 0),
        }));
        most = [...most.filter((it) => it.intercomId !== found[0]?.intercomId), ...found]
          .filter((it) => it.silentFlats > 0)
          .sort((a, b) => b.silentFlats - a.silentFlats || a.intercomId - b.intercomId)
          .slice(0, limit);
        if (step.reduce((sum, [, , scanned]) => sum + scanned, 0) < WINDOW) return most;
        [intercomId, flat] = step.at(-1) as [number, number, number, number];
        known = found.at(-1)?.silentFlats ?? 0;
        await nextTurn();
      }
    },
  };
};

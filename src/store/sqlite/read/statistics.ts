import { masksOf, toLineStatistics } from '../../rows.ts';
import type { Reads } from '../../store.ts';
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

const OF_ONE = query(
  (mask) =>
    text`select count(*) from ${flats} ${f} indexed by flats_lines_intercom where ${f.lines} = ${mask} and ${f.intercomId} = @intercomId and ${VISIBLE_FLAT}`,
  text`(select count(*) from ${flats} ${f} indexed by flats_intercom_flat
    where ${f.intercomId} = @intercomId and ${f.changed} = 1 and ${f.updatedAt} between @since and @until and ${VISIBLE_FLAT})`,
);

/** One statement, so of one moment, whatever is written meanwhile. */
export const createStatistics = ({ rows }: Statements): Pick<Reads, 'lineStatistics'> => ({
  async lineStatistics(intercomId, since, until) {
    const [row] =
      intercomId === undefined ? rows(OF_ALL, { since, until }) : rows(OF_ONE, { since, until, intercomId });
    return toLineStatistics(row as number[]);
  },
});

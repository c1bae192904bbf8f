import { LINES, type LineStatistics } from '../../../domain/lines.ts';
import type { Reads } from '../../store.ts';
import { masksOf } from '../rows.ts';
import type { Statements } from './query.ts';

const MASKS = masksOf({});

/** The number of flats in each state of the lines, and the number that were changed. */
const query = (counted: (mask: number) => string, changed: string) =>
  `select ${[...MASKS.map((mask) => `(${counted(mask)})`), changed].join(', ')}`;

const OF_ALL = query(
  (mask) => `select flats from line_counts where lines = ${mask}`,
  MASKS.map(
    (mask) =>
      `(select count(*) from flats indexed by flats_lines_updated where lines = ${mask} and changed = 1 and updated_at between @since and @until)`,
  ).join(' + '),
);

const OF_ONE = query(
  (mask) =>
    `select count(*) from flats indexed by flats_lines_intercom where lines = ${mask} and intercom_id = @intercomId`,
  '(select count(*) from flats indexed by flats_intercom_flat where intercom_id = @intercomId and changed = 1 and updated_at between @since and @until)',
);

/** One statement, so of one moment, whatever is written meanwhile. */
export const createStatistics = ({ rows }: Statements): Pick<Reads, 'lineStatistics'> => ({
  async lineStatistics(intercomId, since, until) {
    const [row] =
      intercomId === undefined ? rows(OF_ALL, { since, until }) : rows(OF_ONE, { since, until, intercomId });
    const counts = row as number[];
    const sum = (masks: readonly number[]) => masks.reduce((total, mask) => total + (counts[mask] as number), 0);
    return {
      flats: sum(MASKS),
      changed: counts[MASKS.length] as number,
      available: Object.fromEntries(
        LINES.map((line) => [line, sum(masksOf({ [line]: true }))]),
      ) as LineStatistics['available'],
    };
  },
});

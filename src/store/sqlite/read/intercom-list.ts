import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  foldTitle,
  type Intercom,
  type IntercomFilter,
  type IntercomPosition,
  type IntercomSort,
} from '../../../domain/intercom.ts';
import { countedUpTo } from '../../../domain/page.ts';
import { listed, type Span, spanOf, where } from '../../paging.ts';
import { toIntercom } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { INTERCOM_COLUMNS } from '../columns.ts';
import { h, i, text } from '../sql-text.ts';
import { hiddenFlats, intercoms } from '../tables.ts';
import { LIMITS, type ReadLimits } from './limits.ts';
import type { Reader } from './query.ts';
import { VISIBLE_INTERCOM } from './visible.ts';

const INTERCOMS = text`${intercoms} ${i}`;
const ID = text`${i.id}`;
const TITLE = text`${i.titleFolded}`;
const OF_EXTERNAL_ID = text`${i.externalId} = @externalId`;
const IN_TITLE = `instr(${TITLE}, @title) > 0`;

/** One index is counted, and the hidden ones, which are few, are taken off. */
const COUNT_ALL = text`select (select count(*) from ${intercoms}) - (select count(*) from ${INTERCOMS}
  where ${i.hidden} = 1 and ${i.id} in (select ${h.intercomId} from ${hiddenFlats} ${h}))`;

/**
 * A search for a part of the title tests intercoms in the order of the list, window by window; others are served between two
 * windows.
 */
export function createIntercomLists(
  reader: Reader,
  { window, counted, testedToCount }: ReadLimits = LIMITS,
): Pick<Reads, 'listIntercoms' | 'countIntercoms'> {
  /** Up to `limit` intercoms with the title among those of a window, and its last position if more may follow. */
  function readWindow(filter: IntercomFilter, by: IntercomSort['by'], span: Span<IntercomPosition>, limit: number) {
    const { conditions, values, order, back } = restrict(filter, by, span);
    const ids = `select ${ID}, ${TITLE} from ${INTERCOMS}${where(conditions)} order by ${order} limit @window`;
    return reader.snapshot(({ rows }) => {
      const [last] = rows(`select ${TITLE}, ${ID}, count(*) over () from (${ids}) i order by ${back} limit 1`, {
        ...values,
        window,
      });
      const found = rows(
        `select ${INTERCOM_COLUMNS} from (${ids}) p cross join ${INTERCOMS} on ${ID} = p.id where ${IN_TITLE} order by ${order} limit @limit`,
        { ...values, window, limit, title: foldTitle(filter.title as string) },
      ).map(toIntercom);
      return { found, last: last && last[2] === window ? ([last[0], last[1]] as IntercomPosition) : undefined };
    });
  }

  async function search(filter: IntercomFilter, by: IntercomSort['by'], span: Span<IntercomPosition>, limit: number) {
    const found: Intercom[] = [];
    for (let rest = span; ; ) {
      const step = readWindow(filter, by, rest, limit - found.length);
      found.push(...step.found);
      if (!step.last || found.length === limit) return found;
      rest = { ...rest, [rest.down ? 'upper' : 'lower']: step.last };
      await nextTurn();
    }
  }

  return {
    async listIntercoms(filter, sort, page) {
      const span = spanOf(page, sort.descending);
      const limit = page.limit + 1;
      if (filter.title !== undefined) return listed(await search(filter, sort.by, span, limit), page);
      const { conditions, values, order } = restrict(filter, sort.by, span);
      const sql = `select ${INTERCOM_COLUMNS} from ${INTERCOMS}${where(conditions)} order by ${order} limit @limit`;
      return listed(reader.rows(sql, { ...values, limit }).map(toIntercom), page);
    },
    async countIntercoms(filter) {
      const { conditions, values } = restrict(filter, 'ID', EVERYWHERE);
      if (filter.title === undefined) {
        const isAll = conditions.length === 1;
        const sql = isAll ? COUNT_ALL : `select count(*) from ${INTERCOMS}${where(conditions)}`;
        return { count: reader.number(sql, values), isExact: true };
      }
      const title = foldTitle(filter.title);
      const sql = `select count(*), max(id), sum(matches) from (select ${ID} as id, ${IN_TITLE} as matches
        from ${INTERCOMS}${where([...conditions, `${ID} > @after`])} order by ${ID} limit @window)`;
      let [count, tested] = [0, 0];
      for (let after = 0; ; ) {
        const [row] = reader.rows(sql, { ...values, title, after, window });
        const [scanned, last, matches] = row as [number, number, number | null];
        count += matches ?? 0;
        tested += scanned;
        if (scanned < window || count > counted) return countedUpTo(count, counted);
        if (tested >= testedToCount) return { count, isExact: false };
        after = last;
        await nextTurn();
      }
    },
  };
}

const EVERYWHERE: Span<IntercomPosition> = { lower: undefined, upper: undefined, down: false };

/** The conditions of a filter but for the title, those of a span, and its order. */
function restrict({ id, externalId }: IntercomFilter, by: IntercomSort['by'], span: Span<IntercomPosition>) {
  const conditions = [VISIBLE_INTERCOM];
  const values: Record<string, number | string> = {};
  if (id !== undefined) {
    conditions.push(`${ID} = @id`);
    values.id = id;
  }
  if (externalId !== undefined) {
    conditions.push(OF_EXTERNAL_ID);
    values.externalId = externalId;
  }
  for (const [end, sign] of [
    ['lower', '>'],
    ['upper', '<'],
  ] as const) {
    const position = span[end];
    if (!position) continue;
    [values[`${end}0`], values[`${end}1`]] = position;
    conditions.push(by === 'TITLE' ? `(${TITLE}, ${ID}) ${sign} (@${end}0, @${end}1)` : `${ID} ${sign} @${end}1`);
  }
  const inOrder = (direction: 'asc' | 'desc') =>
    by === 'TITLE' ? `${TITLE} ${direction}, ${ID} ${direction}` : `${ID} ${direction}`;
  return { conditions, values, order: inOrder(span.down ? 'desc' : 'asc'), back: inOrder(span.down ? 'asc' : 'desc') };
}

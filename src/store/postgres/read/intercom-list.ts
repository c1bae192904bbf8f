import { foldTitle, type IntercomFilter } from '../../../domain/intercom.ts';
import { listed, spanOf, where } from '../../paging.ts';
import { toIntercom } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { INTERCOM_COLUMNS } from '../columns.ts';
import { i, text } from '../sql-text.ts';
import { intercoms } from '../tables.ts';
import type { Reader } from './query.ts';

const INTERCOMS = text`${intercoms} ${i}`;
const ID = text`${i.id}`;
const TITLE = text`${i.titleFolded}`;

export function createIntercomLists({ rows, count }: Reader): Pick<Reads, 'listIntercoms' | 'countIntercoms'> {
  return {
    async listIntercoms(filter, sort, page) {
      const { lower, upper, down } = spanOf(page, sort.descending);
      const { conditions, values } = restrict(filter);
      const direction = down ? 'desc' : 'asc';
      const byTitle = sort.by === 'TITLE';
      for (const [end, position, sign] of [
        ['lower', lower, '>'],
        ['upper', upper, '<'],
      ] as const) {
        if (!position) continue;
        values[`${end}1`] = position[1];
        if (byTitle) values[`${end}0`] = position[0];
        conditions.push(byTitle ? `(${TITLE}, ${ID}) ${sign} (@${end}0, @${end}1)` : `${ID} ${sign} @${end}1`);
      }
      const order = byTitle ? `${TITLE} ${direction}, ${ID} ${direction}` : `${ID} ${direction}`;
      const sql = `select ${INTERCOM_COLUMNS} from ${INTERCOMS}${where(conditions)} order by ${order} limit @limit`;
      return listed((await rows(sql, { ...values, limit: page.limit + 1 })).map(toIntercom), page);
    },
    async countIntercoms(filter) {
      const { conditions, values } = restrict(filter);
      return count(`${INTERCOMS}${where(conditions)}`, values);
    },
  };
}

function restrict({ id, externalId, title }: IntercomFilter) {
  const conditions: string[] = [];
  const values: Record<string, number | string> = {};
  if (id !== undefined) {
    conditions.push(`${ID} = @id`);
    values.id = id;
  }
  if (externalId !== undefined) {
    conditions.push(text`${i.externalId} = @externalId`);
    values.externalId = externalId;
  }
  if (title !== undefined) {
    conditions.push(`position(@title in ${TITLE}) > 0`);
    values.title = foldTitle(title);
  }
  return { conditions, values };
}

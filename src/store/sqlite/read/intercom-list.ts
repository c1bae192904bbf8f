import { foldTitle, type IntercomFilter } from '../../../domain/intercom.ts';
import type { Reads } from '../../store.ts';
import { INTERCOM_COLUMNS, toIntercom } from '../rows.ts';
import { listed, type Statements, spanOf, where } from './query.ts';

export function createIntercomLists({ rows, number }: Statements): Pick<Reads, 'listIntercoms' | 'countIntercoms'> {
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
        [values[`${end}0`], values[`${end}1`]] = position;
        conditions.push(byTitle ? `(title_folded, id) ${sign} (@${end}0, @${end}1)` : `id ${sign} @${end}1`);
      }
      const order = byTitle ? `title_folded ${direction}, id ${direction}` : `id ${direction}`;
      const sql = `select ${INTERCOM_COLUMNS} from intercoms i${where(conditions)} order by ${order} limit @limit`;
      return listed(rows(sql, { ...values, limit: page.limit + 1 }).map(toIntercom), page);
    },
    async countIntercoms(filter) {
      const { conditions, values } = restrict(filter);
      return number(`select count(*) from intercoms${where(conditions)}`, values);
    },
  };
}

function restrict({ id, externalId, title }: IntercomFilter) {
  const conditions: string[] = [];
  const values: Record<string, number | string> = {};
  if (id !== undefined) {
    conditions.push('id = @id');
    values.id = id;
  }
  if (externalId !== undefined) {
    conditions.push('external_id = @externalId');
    values.externalId = externalId;
  }
  if (title !== undefined) {
    conditions.push('instr(title_folded, @title) > 0');
    values.title = foldTitle(title);
  }
  return { conditions, values };
}

import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS, INTERCOM_COLUMNS, toFlat, toIntercom } from '../rows.ts';
import type { Statements } from './query.ts';

type Relations = Pick<Reads, 'flatsById' | 'intercomsById' | 'keysOf' | 'usersOf' | 'flatCounts'>;

/** Reads by id: one statement, however many ids. */
export function createRelations({ rows }: Statements): Relations {
  const byIds = (sql: string, ids: readonly number[]) => rows(sql, { ids: JSON.stringify([...new Set(ids)]) });

  /** Rows of an id and a name, gathered by id. */
  const namesById = (sql: string, ids: readonly number[]) => {
    const names = new Map<number, string[]>();
    for (const [id, name] of byIds(sql, ids) as [number, string][]) {
      const known = names.get(id);
      if (known) known.push(name);
      else names.set(id, [name]);
    }
    return names;
  };

  return {
    async flatsById(ids) {
      const found = byIds(
        `select ${FLAT_COLUMNS} from json_each(@ids) j cross join flats f not indexed on f.id = j.value`,
        ids,
      );
      return new Map(found.map(toFlat).map((flat) => [flat.id, flat]));
    },
    async intercomsById(ids) {
      const found = byIds(
        `select ${INTERCOM_COLUMNS} from json_each(@ids) j cross join intercoms i not indexed on i.id = j.value`,
        ids,
      );
      return new Map(found.map(toIntercom).map((intercom) => [intercom.id, intercom]));
    },
    keysOf: async (flatIds) =>
      namesById(
        'select k.flat_id, k.code from json_each(@ids) j cross join keys k on k.flat_id = j.value order by k.flat_id, k.code',
        flatIds,
      ),
    usersOf: async (flatIds) =>
      namesById(
        `select l.flat_id, u.login from json_each(@ids) j cross join flat_users l on l.flat_id = j.value
           cross join users u not indexed on u.id = l.user_id order by l.flat_id, u.login`,
        flatIds,
      ),
    async flatCounts(intercomIds) {
      const found = byIds(
        'select f.intercom_id, count(*) from json_each(@ids) j cross join flats f indexed by flats_intercom_flat on f.intercom_id = j.value group by f.intercom_id',
        intercomIds,
      );
      return new Map(found as [number, number][]);
    },
  };
}

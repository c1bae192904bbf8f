import type { Change } from '../../../domain/change.ts';
import type { Link } from '../../../domain/link-change.ts';
import { lastWithPrefix } from '../../paging.ts';
import { gatherNames, toChange, toFlat, toIntercom, toProvision } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { CHANGE_COLUMNS, FLAT_COLUMNS, INTERCOM_COLUMNS } from '../columns.ts';
import { c, e, f, i, k, l, lastIdOf, text, u } from '../sql-text.ts';
import { changes, flats, flatUsers, intercoms, keys, users } from '../tables.ts';
import { PROVISIONS_BY_SEQ } from './provision-list.ts';
import type { Statements } from './query.ts';
import { VISIBLE_FLAT, VISIBLE_INTERCOM } from './visible.ts';

type Relations = Pick<
  Reads,
  | ('flatsById' | 'intercomsById' | 'keysOf' | 'usersOf' | 'namesFrom' | 'linkedNames' | 'lastFlatId' | 'flatCounts')
  | ('changesBySeq' | 'changeVersions')
>;

const FLATS = text`select ${FLAT_COLUMNS} from json_each(@ids) j cross join ${flats} ${f} not indexed on ${f.id} = j.value
  where ${VISIBLE_FLAT}`;
const INTERCOMS = text`select ${INTERCOM_COLUMNS} from json_each(@ids) j cross join ${intercoms} ${i} not indexed on ${i.id} = j.value
  where ${VISIBLE_INTERCOM}`;
const KEYS = text`select ${k.flatId}, ${k.code} from json_each(@ids) j cross join ${keys} ${k} on ${k.flatId} = j.value
  order by ${k.flatId}, ${k.code}`;
const USERS = text`select ${l.flatId}, ${u.login} from json_each(@ids) j cross join ${flatUsers} ${l} on ${l.flatId} = j.value
  cross join ${users} ${u} not indexed on ${u.id} = ${l.userId} order by ${l.flatId}, ${u.login}`;
const CHANGES = text`select ${CHANGE_COLUMNS} from json_each(@ids) j cross join ${changes} ${c} not indexed on ${c.seq} = j.value`;
/** Keys are sought one after the other, since one may be linked to a million flats; of users without flats so many are skipped. */
const MAX_TESTED = 10_000;
const NAMES_FROM: Readonly<Record<Link, string>> = {
  keys: text`with recursive found(name) as (
      select min(${keys.code}) from ${keys} where ${keys.code} between @prefix and @last
      union all
      select (select min(${keys.code}) from ${keys} where ${keys.code} > name and ${keys.code} <= @last) from found where name is not null
      limit @limit
    ) select name from found where name is not null`,
  users: text`select login from (select ${users.id}, ${users.login} from ${users} where ${users.login} between @prefix and @last
      order by ${users.login} limit ${MAX_TESTED}) u
    where exists (select 1 from ${flatUsers} ${l} where ${l.userId} = u.id) order by login limit @limit`,
};
/**
 * A flat's version is one more after each change, so that of a change is that of now, less one for each that came later. They are counted
 * from one of the given changes to the next, so that many of one flat are one pass over its history.
 */
const VERSIONS = text`select seq, version - sum(later) over (partition by flat_id order by seq desc) from (
    select seq, flat_id, version, (select count(*) from ${changes} ${e} indexed by changes_flat
      where ${e.flatId} = given.flat_id and ${e.seq} > given.seq and ${e.seq} <= given.next) as later
    from (select ${c.seq} as seq, ${c.flatId} as flat_id, ${f.version} as version,
        lead(${c.seq}, 1, ${Number.MAX_SAFE_INTEGER}) over (partition by ${c.flatId} order by ${c.seq}) as next
      from json_each(@ids) j cross join ${changes} ${c} not indexed on ${c.seq} = j.value
        cross join ${flats} ${f} not indexed on ${f.id} = ${c.flatId} where ${VISIBLE_FLAT}) given) counted`;
const LINKED: Readonly<Record<Link, string>> = {
  keys: text`select j.value from json_each(@names) j
    where exists (select 1 from ${keys} ${k} indexed by keys_by_code where ${k.code} = j.value)`,
  users: text`select j.value from json_each(@names) j
    where exists (select 1 from ${users} ${u} cross join ${flatUsers} ${l} on ${l.userId} = ${u.id} where ${u.login} = j.value)`,
};
const LAST_FLAT_ID = lastIdOf(flats);
const FLAT_COUNTS = text`select ${f.intercomId}, count(*) from json_each(@ids) j
  cross join ${flats} ${f} indexed by flats_intercom_flat on ${f.intercomId} = j.value where ${VISIBLE_FLAT} group by ${f.intercomId}`;

/** Changes by their seq. */
export function readChanges({ rows }: Pick<Statements, 'rows'>, seqs: readonly number[]): ReadonlyMap<number, Change> {
  const ids = JSON.stringify([...new Set(seqs)]);
  const found = [...rows(CHANGES, { ids }).map(toChange), ...rows(PROVISIONS_BY_SEQ, { ids }).map(toProvision)];
  return new Map(found.map((change) => [change.seq, change]));
}

/** Reads by id: one statement, however many ids. */
export function createRelations({ rows, number }: Statements): Relations {
  const byIds = (sql: string, ids: readonly number[]) => rows(sql, { ids: JSON.stringify([...new Set(ids)]) });

  const namesById = (sql: string, ids: readonly number[]) => gatherNames(byIds(sql, ids));

  return {
    async flatsById(ids) {
      const found = byIds(FLATS, ids);
      return new Map(found.map(toFlat).map((flat) => [flat.id, flat]));
    },
    async intercomsById(ids) {
      const found = byIds(INTERCOMS, ids);
      return new Map(found.map(toIntercom).map((intercom) => [intercom.id, intercom]));
    },
    keysOf: async (flatIds) => namesById(KEYS, flatIds),
    usersOf: async (flatIds) => namesById(USERS, flatIds),
    async namesFrom(link, prefix, limit) {
      const found = rows(NAMES_FROM[link], { prefix, last: lastWithPrefix(prefix), limit });
      return found.map(([name]) => name as string);
    },
    changesBySeq: async (seqs) => readChanges({ rows }, seqs),
    changeVersions: async (seqs) => new Map(byIds(VERSIONS, seqs) as [number, number][]),
    async linkedNames(link, names) {
      const found = rows(LINKED[link], { names: JSON.stringify(names) });
      return new Set(found.map(([name]) => name as string));
    },
    lastFlatId: async () => number(LAST_FLAT_ID, {}),
    async flatCounts(intercomIds) {
      const found = byIds(FLAT_COUNTS, intercomIds);
      return new Map(found as [number, number][]);
    },
  };
}

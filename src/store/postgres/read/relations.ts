import type { Change } from '../../../domain/change.ts';
import type { Link } from '../../../domain/link-change.ts';
import { lastWithPrefix } from '../../paging.ts';
import { gatherNames, toChange, toFlat, toIntercom, toProvision } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { CHANGE_COLUMNS, FLAT_COLUMNS, INTERCOM_COLUMNS, PROVISION_COLUMNS } from '../columns.ts';
import { c, e, f, i, k, l, pc, text, u } from '../sql-text.ts';
import { changes, flats, flatUsers, ids, intercoms, keys, provisionChanges, users } from '../tables.ts';
import type { Reader, Statements } from './query.ts';

type Relations = Pick<
  Reads,
  | ('flatsById' | 'intercomsById' | 'keysOf' | 'usersOf' | 'namesFrom' | 'linkedNames' | 'lastFlatId' | 'flatCounts')
  | ('changesBySeq' | 'changeVersions')
>;

const GIVEN = 'any(@ids::bigint[])';
const FLATS = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.id} = ${GIVEN} order by ${f.id}`;
const INTERCOMS = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i} where ${i.id} = ${GIVEN} order by ${i.id}`;
const KEYS = text`select ${k.flatId}, ${k.code} from ${keys} ${k} where ${k.flatId} = ${GIVEN} order by ${k.flatId}, ${k.code}`;
const USERS = text`select ${l.flatId}, ${u.login} from ${flatUsers} ${l} join ${users} ${u} on ${u.id} = ${l.userId}
  where ${l.flatId} = ${GIVEN} order by ${l.flatId}, ${u.login}`;
const CHANGES = text`select ${CHANGE_COLUMNS} from ${changes} ${c} where ${c.seq} = ${GIVEN} order by ${c.seq}`;
const PROVISIONS = text`select ${PROVISION_COLUMNS} from ${provisionChanges} ${pc} where ${pc.seq} = ${GIVEN} order by ${pc.seq}`;
/** Keys are sought one after the other, since one may be linked to a million flats; of users without flats so many are skipped. */
const MAX_TESTED = 10_000;
const NAMES_FROM: Readonly<Record<Link, string>> = {
  keys: text`with recursive found(name) as (
      select min(${keys.code}) from ${keys} where ${keys.code} between @prefix and @last
      union all
      select (select min(${keys.code}) from ${keys} where ${keys.code} > name and ${keys.code} <= @last) from found where name is not null
    ) select name from found where name is not null limit @limit`,
  users: text`select login from (select ${users.id}, ${users.login} from ${users} where ${users.login} between @prefix and @last
      order by ${users.login} limit ${MAX_TESTED}) u
    where exists (select from ${flatUsers} ${l} where ${l.userId} = u.id) order by login limit @limit`,
};
/**
 * A flat's version is one more after each change, so that of a change is that of now, less one for each that came later. They are counted
 * from one of the given changes to the next, so that many of one flat are one pass over its history.
 */
const VERSIONS = text`select seq, version - (sum(later) over (partition by flat_id order by seq desc))::bigint from (
    select seq, flat_id, version, (select count(*) from ${changes} ${e}
      where ${e.flatId} = given.flat_id and ${e.seq} > given.seq and ${e.seq} <= given.next) as later
    from (select ${c.seq} as seq, ${c.flatId} as flat_id, ${f.version} as version,
        lead(${c.seq}, 1, ${Number.MAX_SAFE_INTEGER}) over (partition by ${c.flatId} order by ${c.seq}) as next
      from ${changes} ${c} join ${flats} ${f} on ${f.id} = ${c.flatId} where ${c.seq} = ${GIVEN}) given) counted`;
const LINKED: Readonly<Record<Link, string>> = {
  keys: text`select given.name from unnest(@names::text[]) as given(name)
    where exists (select from ${keys} ${k} where ${k.code} = given.name)`,
  users: text`select given.name from unnest(@names::text[]) as given(name)
    where exists (select from ${users} ${u} join ${flatUsers} ${l} on ${l.userId} = ${u.id} where ${u.login} = given.name)`,
};
const LAST_FLAT_ID = text`select ${ids.flat} from ${ids} where one`;
const FLAT_COUNTS = text`select ${f.intercomId}, count(*) from ${flats} ${f} where ${f.intercomId} = ${GIVEN} group by ${f.intercomId} order by ${f.intercomId}`;

/** Changes by their seq. */
export async function readChanges({ prepared }: Pick<Statements, 'prepared'>, seqs: readonly number[]) {
  const ids = [...new Set(seqs)];
  const [lines, others] = await Promise.all([prepared(CHANGES, { ids }), prepared(PROVISIONS, { ids })]);
  const found: readonly Change[] = [...lines.map(toChange), ...others.map(toProvision)];
  return new Map(found.map((change) => [change.seq, change]));
}

/** Reads by id: one statement, however many ids. In the order of ids: the server's own changes with every update. */
export function createRelations({ prepared, number }: Reader): Relations {
  const byIds = (sql: string, ids: readonly number[]) => prepared(sql, { ids: [...new Set(ids)] });

  const namesById = async (sql: string, ids: readonly number[]) => gatherNames(await byIds(sql, ids));

  return {
    async flatsById(ids) {
      const found = await byIds(FLATS, ids);
      return new Map(found.map(toFlat).map((flat) => [flat.id, flat]));
    },
    async intercomsById(ids) {
      const found = await byIds(INTERCOMS, ids);
      return new Map(found.map(toIntercom).map((intercom) => [intercom.id, intercom]));
    },
    keysOf: (flatIds) => namesById(KEYS, flatIds),
    usersOf: (flatIds) => namesById(USERS, flatIds),
    async namesFrom(link, prefix, limit) {
      const found = await prepared(NAMES_FROM[link], { prefix, last: lastWithPrefix(prefix), limit });
      return found.map(([name]) => name as string);
    },
    changesBySeq: (seqs) => readChanges({ prepared }, seqs),
    changeVersions: async (seqs) => new Map((await byIds(VERSIONS, seqs)) as [number, number][]),
    async linkedNames(link, names) {
      const found = await prepared(LINKED[link], { names });
      return new Set(found.map(([name]) => name as string));
    },
    lastFlatId: () => number(LAST_FLAT_ID, {}),
    async flatCounts(intercomIds) {
      const found = await byIds(FLAT_COUNTS, intercomIds);
      return new Map(found as [number, number][]);
    },
  };
}

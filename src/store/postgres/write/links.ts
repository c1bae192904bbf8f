import type { Links } from '../../../domain/plan-import.ts';
import type { Transaction } from '../commit/transactions.ts';
import { text } from '../sql-text.ts';
import { flatUsers, keys, users } from '../tables.ts';

const GIVEN = 'unnest(@flatIds::bigint[], @names::text[]) as given(flat_id, name)';
const ADD_KEYS = text`insert into ${keys} (flat_id, code) select flat_id, name from ${GIVEN} on conflict do nothing returning code`;
/** An unknown login is a new user. In the order of logins, so that no two transactions ever wait for each other. */
const ADD_USERS = text`insert into ${users} (login) select distinct name from ${GIVEN}
  where not exists (select from ${users} where login = name) order by name on conflict do nothing`;
const ADD_FLAT_USERS = text`insert into ${flatUsers} (flat_id, user_id) select given.flat_id, ${users.id}
  from ${GIVEN} join ${users} on ${users.login} = given.name on conflict do nothing
  returning (select login from ${users} where id = user_id)`;
const REMOVE_KEYS = text`delete from ${keys} using ${GIVEN} where ${keys.flatId} = given.flat_id and ${keys.code} = given.name returning given.name`;
const REMOVE_FLAT_USERS = text`delete from ${flatUsers} using ${GIVEN} join ${users} on ${users.login} = given.name
  where ${flatUsers.flatId} = given.flat_id and ${flatUsers.userId} = ${users.id} returning given.name`;
const CLEAR_KEYS = text`delete from ${keys} where ${keys.flatId} = any(@ids::bigint[])`;
const CLEAR_USERS = text`delete from ${flatUsers} where ${flatUsers.flatId} = any(@ids::bigint[])`;

const valuesOf = (links: Links) => ({ flatIds: links.map(([id]) => id), names: links.map(([, name]) => name) });

const namesOf = async ({ rows }: Transaction, sql: string, links: Links): Promise<readonly string[]> =>
  (await rows(sql, valuesOf(links))).map(([name]) => name as string);

/** Each adds or removes links of flats that are locked, and returns the names that were not so before. */
export const linkWriters = {
  keys: {
    attach: (transaction: Transaction, links: Links) => namesOf(transaction, ADD_KEYS, links),
    detach: (transaction: Transaction, links: Links) => namesOf(transaction, REMOVE_KEYS, links),
    clear: ({ count }: Transaction, ids: readonly number[]) => count(CLEAR_KEYS, { ids }),
  },
  users: {
    async attach(transaction: Transaction, links: Links) {
      await transaction.count(ADD_USERS, valuesOf(links));
      return namesOf(transaction, ADD_FLAT_USERS, links);
    },
    detach: (transaction: Transaction, links: Links) => namesOf(transaction, REMOVE_FLAT_USERS, links),
    clear: ({ count }: Transaction, ids: readonly number[]) => count(CLEAR_USERS, { ids }),
  },
} as const;

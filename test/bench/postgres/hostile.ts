import { createToken } from '../../../src/operations/tokens.ts';
import { query } from '../../support/postgres.ts';
import { openPostgresStore } from '../../support/postgres-world.ts';
import { OLD_ACTOR, type Tokens } from '../beside/database.ts';
import { FLATS_PER_INTERCOM } from '../database.ts';

/** An old change for each flat. */
const OLD_AGE_MS = 400 * 24 * 3_600_000;

/**
 * The database of `bench:beside` on PostgreSQL: flats that no filter narrows as one would expect (`fillHostile`), and an old change
 * of each.
 */
export async function createHostile(url: string, flats: number): Promise<Tokens> {
  await using store = await openPostgresStore(url);
  const perIntercom = FLATS_PER_INTERCOM;
  // Keys of other tables are not looked up for each row.
  await query(
    url,
    `set session_replication_role = replica;
    set synchronous_commit = off;
    insert into intercoms (id, title, title_folded)
      select i + 1, 'House ' || i, 'house ' || i from generate_series(0, ${flats / perIntercom - 1}) i;
    insert into flats (id, intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
      select i + 1, 1 + i / ${perIntercom}, 1 + i % ${perIntercom}, i % 5 > 0, i % 2 > 0, i % 3 > 0, 1 + i % 2, 1000 + (i::bigint * 7919) % 120
        from generate_series(0, ${flats - 1}) i;
    insert into users (id, login) overriding system value values (1, 'all'), (2, 'half'), (3, 'few'), (4, 'half of the others');
    insert into keys select i + 1, 'ALL' from generate_series(0, ${flats - 1}) i;
    insert into keys select i + 1, 'HALF' from generate_series(0, ${flats - 1}, 2) i;
    insert into keys select i + 1, 'FEW' from generate_series(7, ${flats - 1}, 100) i;
    insert into flat_users select i + 1, 1 from generate_series(0, ${flats - 1}) i;
    insert into flat_users select i + 1, case i % 2 when 0 then 4 else 2 end from generate_series(0, ${flats - 1}) i;
    insert into flat_users select i + 1, 3 from generate_series(11, ${flats - 1}, 100) i;
    insert into changes (seq, changed_at, actor, channel, reason, flat_id, intercom_id, flat, before_smartphone_sip, before_landline_sip,
        before_analog, after_smartphone_sip, after_landline_sip, after_analog)
      select i + 1, ${Date.now() - OLD_AGE_MS} + i, case i % 4 when 0 then 'somebody' else '${OLD_ACTOR}' end, 'GRAPHQL', 'notice ' || i, i + 1,
        1 + i / ${perIntercom}, 1 + i % ${perIntercom}, true, true, true, false, true, true from generate_series(0, ${flats - 1}) i;
    update ids set intercom = ${flats / perIntercom}, flat = ${flats};
    update change_log set seq = ${flats}, last_time = ${Date.now() - OLD_AGE_MS + flats}, counts =
      (select array_agg(n order by mask) from (
        select mask, count(flats.id) n from generate_series(0, 7) mask left join flats on lines = mask group by mask) real)`,
  );
  await query(url, 'vacuum analyze');
  await query(url, 'checkpoint');
  const create = async (name: string, scope: 'write' | 'admin'): Promise<string> => {
    const created = await createToken(store, name, scope);
    if (created.kind === 'refused') throw new Error(created.problem);
    return created.token;
  };
  return { billing: await create('billing', 'write'), heavy: await create('heavy', 'admin') };
}

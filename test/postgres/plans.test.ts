import pg from 'pg';
import { expect, it } from 'vitest';
import { CHANGE_KINDS, type ChangeFilter } from '../../src/domain/change.ts';
import { FLAT_ORDERS, type FlatFilter } from '../../src/domain/flat-filter.ts';
import { INTERCOM_ORDERS } from '../../src/domain/intercom.ts';
import { createReader } from '../../src/store/postgres/read/query.ts';
import { createReads } from '../../src/store/postgres/read/reads.ts';
import type { Statement } from '../../src/store/postgres/server/connection.ts';
import type { PrimaryConnection } from '../../src/store/postgres/server/primary.ts';
import { newDatabase, POSTGRES_BIN, query } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';

// The planner knows how often values occur, so there are rows: most plans would be right on empty tables.
const INTERCOMS = 500;
const FLATS = 50_000;
/** A page may sort so many rows: a filter by a key or a user finds few flats. */
const MAX_SORTED = 2_000;

const FILL = `
  insert into intercoms (id, title, title_folded) select i, 'Дом ' || i, 'дом ' || i from generate_series(1, ${INTERCOMS}) i;
  insert into flats (id, intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
    select i + 1, 1 + i / 100, 1 + i % 100, i % 2 > 0, true, i % 3 > 0, 1 + i % 2, i / 10 from generate_series(0, ${FLATS - 1}) i;
  insert into keys select i, 'K' || i / 3 from generate_series(1, ${FLATS}) i;
  insert into users (id, login) overriding system value select i, 'user' || i from generate_series(1, 20000) i;
  insert into flat_users select i, 1 + i % 20000 from generate_series(1, ${FLATS}) i;
  insert into changes (seq, changed_at, actor, channel, flat_id, intercom_id, flat, before_smartphone_sip, before_landline_sip,
      before_analog, after_smartphone_sip, after_landline_sip, after_analog)
    select 2 * i, i, 'actor' || i % 50, case i % 3 when 0 then 'REST' else 'GRAPHQL' end, 1 + i, 1 + i / 100, 1 + i % 100, true, true, true, true, true, false
      from generate_series(1, ${FLATS - 1}) i;
  insert into provision_changes (seq, changed_at, actor, channel, kind, intercom_id, flat_id, flat, details)
    select 2 * i + 1, i, 'actor' || i % 50, 'REST', 'KEYS_ATTACHED', 1 + i / 100, 1 + i, 1 + i % 100, '{"names":["A"]}'
      from generate_series(1, ${FLATS - 1}, 5) i;
  insert into change_set_runs select 10 * i, 10 * i + 9, 10 * i from generate_series(1, ${FLATS / 5}) i;
  update change_log set seq = ${2 * FLATS}, last_time = ${FLATS};
  analyze`;

const FLAT_FILTERS: Readonly<Record<string, FlatFilter>> = {
  none: { lines: {} },
  'flat ids': { lines: {}, flatIds: [3, 1] },
  intercom: { lines: {}, intercomId: 2 },
  flat: { lines: {}, flat: 10 },
  'flat from': { lines: {}, flatFrom: 10 },
  'flat to': { lines: {}, flatTo: 20 },
  analog: { lines: { analog: false } },
  'two lines': { lines: { smartphoneSip: false, landlineSip: true } },
  'key code': { lines: {}, keyCode: 'K7' },
  login: { lines: {}, userLogin: 'user7' },
  'login prefix': { lines: {}, userLoginPrefix: 'user77' },
  title: { lines: {}, intercomTitle: 'дом 33' },
  since: { lines: {}, changedSince: 4_900 },
};
const CHANGE_FILTERS: Readonly<Record<string, ChangeFilter>> = {
  none: {},
  intercom: { intercomId: 2 },
  flat: { flatId: 10 },
  actor: { actor: 'actor7' },
  channel: { channel: 'REST' },
  from: { from: 40_000 },
  to: { to: 2_000 },
};

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Node[];
}

const steps = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(steps)];

/** Going through the intercoms is allowed, and the others have one row. */
const SMALL = ['intercoms', 'database_state', 'change_log', 'clock_steps'];

/** A step that goes through a whole table, or that sorts many rows. */
const isLarge = ({ 'Node Type': type, 'Relation Name': table, Plans }: Node): boolean =>
  (type === 'Seq Scan' && table !== undefined && !SMALL.includes(table)) ||
  (type === 'Sort' && (Plans?.[0]?.['Plan Rows'] ?? 0) > MAX_SORTED);

const literal = (value: unknown): string =>
  Array.isArray(value) ? `'{${value.join(',')}}'` : typeof value === 'string' ? `'${value}'` : String(value);

/** Reads that only ask for the plans of their statements. */
async function planned(url: string) {
  const client = new pg.Client({
    connectionString: url,
    options: '-c random_page_cost=1.1 -c jit=off -c plan_cache_mode=force_generic_plan',
  });
  await client.connect();
  const plans: Node[] = [];
  async function explain({ text, values = [], name }: Statement) {
    if (name === undefined) return client.query({ text: `explain (format json) ${text}`, values: [...values] });
    // What is prepared has one plan, whatever the values.
    await client.query(`prepare it as ${text}`);
    const found = await client.query(
      `explain (format json) execute it${values.length > 0 ? `(${values.map(literal)})` : ''}`,
    );
    await client.query('deallocate it');
    return found;
  }
  const connection = {
    async query(statement: Statement) {
      // The bounds of a transaction have no plan.
      if (/^(begin|commit|rollback)/.test(statement.text)) return client.query(statement.text);
      const { rows } = await explain(statement);
      plans.push(rows[0]['QUERY PLAN'][0].Plan);
      return { rows: [], count: 0, command: 'SELECT' };
    },
  } as unknown as PrimaryConnection;
  const pool = { read: <T>(work: (it: PrimaryConnection) => Promise<T>) => work(connection) };
  return {
    reads: createReads(createReader(pool as Parameters<typeof createReader>[0], 1_000)),
    /** The large steps of what has been read since the last call. */
    largeSteps: () => plans.splice(0).flatMap(steps).filter(isLarge),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

it.skipIf(POSTGRES_BIN === undefined)(
  'no list goes through a table or sorts much of it, with any filter in any sort',
  async () => {
    const url = await newDatabase();
    await (await openPostgresStore(url))[Symbol.asyncDispose]();
    await query(url, FILL);
    await using db = await planned(url);
    const found: unknown[] = [];
    const look = async (read: Promise<unknown>, ...about: unknown[]) => {
      await read;
      found.push(...db.largeSteps().map((it) => [...about, it['Node Type'], it['Relation Name'], it['Plan Rows']]));
    };
    for (const fromEnd of [false, true]) {
      const page = { limit: 50, fromEnd };
      for (const descending of [false, true]) {
        for (const by of FLAT_ORDERS) {
          for (const [name, filter] of Object.entries(FLAT_FILTERS)) {
            await look(db.reads.listFlats(filter, { by, descending }, page), 'flats', name, by, page, descending);
            const bounded = { ...page, after: [5, 5], before: [400, 90] } as const;
            await look(db.reads.listFlats(filter, { by, descending: false }, bounded), 'flats', name, by, bounded);
          }
        }
        for (const by of INTERCOM_ORDERS) {
          for (const filter of [{}, { title: 'дом 33' }, { intercomId: 7 }]) {
            await look(db.reads.listIntercoms(filter, { by, descending }, page), 'intercoms', filter, by, page);
          }
        }
      }
      for (const kinds of [undefined, CHANGE_KINDS]) {
        for (const [name, filter] of Object.entries(CHANGE_FILTERS)) {
          const asked = { ...filter, ...(kinds && { kinds }) };
          await look(db.reads.listChanges(asked, page), 'changes', name, kinds?.length, page);
          await look(
            db.reads.listChanges(asked, { ...page, after: 50_000 }),
            'changes',
            name,
            kinds?.length,
            page,
            'after',
          );
        }
      }
    }
    expect(found).toEqual([]);
  },
);

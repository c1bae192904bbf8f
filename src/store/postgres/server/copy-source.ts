import {
  COPIED_TABLES,
  type CopiedTable,
  type CopiedValue,
  type CopySource,
  type CopyTarget,
} from '../../copy-tables.ts';
import { masksOf } from '../../rows.ts';
import { UnusableDatabaseError } from '../../store.ts';
import { getTableConfig } from '../drizzle.ts';
import * as tables from '../tables.ts';
import type { Connection } from './connection.ts';

const BATCH_SIZE = 1_000;

const TABLES = {
  ...{ intercoms: tables.intercoms, flats: tables.flats, keys: tables.keys, users: tables.users },
  ...{
    flat_users: tables.flatUsers,
    changes: tables.changes,
    provision_changes: tables.provisionChanges,
    change_set_runs: tables.changeSetRuns,
    clock_steps: tables.clockSteps,
    tokens: tables.tokens,
  },
} as const satisfies Readonly<Record<CopiedTable, unknown>>;

const stored = (table: CopiedTable) => getTableConfig(TABLES[table]).columns.filter((it) => it.generated === undefined);
const columnsOf = (table: CopiedTable): readonly string[] => stored(table).map((it) => it.name);
const typeOf = (table: CopiedTable, column: string): string =>
  stored(table)
    .find((it) => it.name === column)
    ?.getSQLType()
    .replace(/ collate.*/, '') as string;
const listed = (columns: readonly string[]) => columns.map((it) => `"${it}"`).join(', ');

const READS: Readonly<Record<string, (column: string) => string>> = {
  boolean: (column) => `"${column}"::int`,
  bytea: (column) => `encode("${column}", 'hex')`,
};
const WRITES: Readonly<Record<string, (column: string) => string>> = {
  boolean: (column) => `"${column}"::int::boolean`,
  bytea: (column) => `decode("${column}", 'hex')`,
};
/** The type by which values are sent. */
const SENT: Readonly<Record<string, string>> = { boolean: 'int', bytea: 'text' };

/** A PostgreSQL database that is read as it is at one moment. */
export async function openCopySource(connection: Connection): Promise<CopySource> {
  const run = async (text: string) => (await connection.query({ text })).rows;
  await run('begin isolation level repeatable read read only');
  return {
    columnsOf,
    async *rows(table, columns) {
      const read = columns.map((it) => (READS[typeOf(table, it)] ?? ((name) => `"${name}"`))(it));
      await run(
        `declare copied no scroll cursor for select ${read.join(', ')} from ${table} order by ${COPIED_TABLES[table].join(', ')}`,
      );
      for (let rows = [[]] as unknown[][]; rows.length > 0; ) {
        rows = await run(`fetch ${BATCH_SIZE} from copied`);
        yield rows as CopiedValue[][];
      }
      await run('close copied');
    },
    async state() {
      const [row] = await run(
        'select d.epoch, d.pruned_to, c.seq, i.intercom, i.flat from database_state d, change_log c, ids i',
      );
      const [epoch, prunedTo, head, lastIntercomId, lastFlatId] = row as [string, number, number, number, number];
      return { epoch, prunedTo, head, lastIntercomId, lastFlatId };
    },
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}

/** An empty PostgreSQL database. */
export async function openCopyTarget(connection: Connection): Promise<CopyTarget> {
  const run = (text: string, values: readonly unknown[] = []) => connection.query({ text, values });
  const { rows } = await run(
    'select exists (select from intercoms) or exists (select from changes) or exists (select from tokens)',
  );
  if (rows[0]?.[0] === true) {
    connection.close();
    throw new UnusableDatabaseError('It is not empty; copy into a new database.');
  }
  await run('begin');
  return {
    columnsOf,
    async write(table, columns, rows) {
      if (rows.length === 0) return;
      const types = columns.map((it) => typeOf(table, it));
      const written = columns.map((it, index) => (WRITES[types[index] as string] ?? ((name) => `"${name}"`))(it));
      const sent = types.map((it, index) => `$${index + 1}::${SENT[it] ?? it}[]`);
      await run(
        `insert into ${table} (${listed(columns)}) overriding system value
          select ${written.join(', ')} from unnest(${sent.join(', ')}) as given(${listed(columns)})`,
        columns.map((_, index) => rows.map((row) => row[index])),
      );
    },
    async end({ epoch, prunedTo, head, lastIntercomId, lastFlatId }) {
      for (const table of ['users', 'tokens']) {
        await run(
          `select setval(pg_get_serial_sequence('${table}', 'id'), greatest(1, (select max(id) from ${table})), exists (select from ${table}))`,
        );
      }
      await run('update ids set intercom = $1::bigint, flat = $2::bigint where one', [lastIntercomId, lastFlatId]);
      const counts = masksOf({}).map((mask) => `(select count(*) from flats where lines = ${mask})`);
      await run(
        `update change_log set seq = $1::bigint, counts = array[${counts.join(', ')}],
          last_time = coalesce((select changed_at from (select seq, changed_at from changes union all
            select seq, changed_at from provision_changes) rows order by seq desc limit 1), 0) where one`,
        [head],
      );
      await run(
        'update database_state set epoch = $1::text, pruned_to = $2::bigint, tokens_version = tokens_version + 1 where one',
        [epoch, prunedTo],
      );
      await run('commit');
      await run('analyze');
    },
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}

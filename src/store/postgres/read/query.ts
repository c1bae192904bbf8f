import { LRUCache } from 'lru-cache';
import { type Counted, countedUpTo, MAX_COUNT } from '../../../domain/page.ts';
import type { Answer, Statement } from '../server/connection.ts';
import { toStorageError } from '../server/errors.ts';
import type { Pool } from '../server/pool.ts';

type Value = number | string | boolean | null | readonly (number | string | boolean | null)[];

/** What fills a statement's named parameters. Lists, and what may be null, are cast in the text. */
export type Values = Readonly<Record<string, Value>>;

/** Reads committed data; each statement is of one moment. */
export interface Statements {
  /** Every row, as its columns. The statement is planned for its values: how selective a filter is depends on them. */
  rows(sql: string, values: Values): Promise<unknown[][]>;
  /** The same for a statement whose plan is the same for all values; each connection plans it once. */
  prepared(sql: string, values: Values): Promise<unknown[][]>;
  /** The first column of the first row, which must be a number; 0 when there is no row. */
  number(sql: string, values: Values): Promise<number>;
}

export interface Reader extends Statements {
  /** Runs reads of which all are of one moment. */
  snapshot<T>(read: (statements: Statements) => Promise<T>): Promise<T>;
  /** How many rows a source has, up to `MAX_COUNT`. */
  count(source: string, values: Values): Promise<Counted>;
}

/** The most texts that are kept: a list has one for each set of filters, too many to keep all. */
const MAX_TEXTS = 512;

interface Compiled {
  readonly text: string;
  readonly name: string;
  readonly order: readonly string[];
}

export type Compile = (sql: string, values: Values) => Statement & { readonly name: string };

/** Turns texts with named parameters into statements of the driver. */
export function createCompiler(): Compile {
  const compiled = new LRUCache<string, Compiled>({ max: MAX_TEXTS });
  let last = 0;

  function compile(sql: string, values: Values): Compiled {
    const order: string[] = [];
    // The server would guess a type for a parameter without one, and a wrong one for a number above 2^31.
    const text = sql.replace(/@(\w+)/g, (_, name: string) => {
      if (!order.includes(name)) order.push(name);
      return `$${order.indexOf(name) + 1}${CASTS[typeof values[name]] ?? ''}`;
    });
    const made = { text, name: `s${++last}`, order };
    compiled.set(sql, made);
    return made;
  }

  return (sql, values) => {
    const { text, name, order } = compiled.get(sql) ?? compile(sql, values);
    return { text, name, values: order.map((it) => withoutNul(values[it])) };
  };
}

/** The server takes no text with U+0000. No name that is stored has it, or what it becomes here, so such a text finds nothing. */
function withoutNul(value: Value | undefined): unknown {
  const replace = (it: unknown) => (typeof it === 'string' && it.includes('\0') ? it.replaceAll('\0', '\uFFFD') : it);
  return Array.isArray(value) ? value.map(replace) : replace(value);
}

const CASTS: Readonly<Record<string, string>> = { number: '::bigint', string: '::text', boolean: '::boolean' };

/** Reads by the connections of a pool; `shortMs` is how long the answer of a short statement may take. */
export function createReader(pool: Pool, shortMs: number): Reader {
  const compile = createCompiler();
  const read: Pool['read'] = async (work) => {
    try {
      return await pool.read(work);
    } catch (error) {
      throw toStorageError(error);
    }
  };

  function statementsOf(run: (statement: Statement) => Promise<Answer>): Statements {
    const rows: Statements['rows'] = async (sql, values) => {
      const { text, values: given } = compile(sql, values);
      return (await run({ text, ...(given && { values: given }) })).rows;
    };
    return {
      rows,
      prepared: async (sql, values) => (await run({ ...compile(sql, values), timeoutMs: shortMs })).rows,
      number: async (sql, values) => ((await rows(sql, values))[0]?.[0] as number | null | undefined) ?? 0,
    };
  }

  const alone = statementsOf((statement) => read((connection) => connection.query(statement)));
  return {
    ...alone,
    snapshot: (work) =>
      read(async (connection) => {
        const begun = connection.query({ text: 'begin isolation level repeatable read read only' });
        try {
          return (await Promise.all([begun, work(statementsOf(connection.query))]))[1];
        } finally {
          await connection.query({ text: 'commit' });
        }
      }),
    async count(source, values) {
      const found = await alone.number(
        `select count(*) from (select from ${source} limit ${MAX_COUNT + 1}) found`,
        values,
      );
      return countedUpTo(found, MAX_COUNT);
    },
  };
}

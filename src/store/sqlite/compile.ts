import { isDeepStrictEqual } from 'node:util';
import type { Database, Statement } from 'better-sqlite3';
import type { SQL } from 'drizzle-orm';
import { is, Param, Placeholder, sql } from './drizzle.ts';

/**
 * The driver's own statement for a drizzle query, to be given its values one by one in the order of `names`, as their
 * columns store them. A statement that drizzle prepared looks at the class of each parameter and of each column on every
 * run, and that costs more than a small statement does: an import of a million flats took twice as long.
 */
export function compile(
  client: Database,
  query: { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
  names: readonly string[],
): Statement<unknown[]> {
  const { sql, params } = query.toSQL();
  const order = params.map(nameOf);
  if (!isDeepStrictEqual(order, names)) throw new Error(`the values of this statement come as ${order.join()}: ${sql}`);
  return client.prepare(sql);
}

function nameOf(param: unknown): string | undefined {
  const value = is(param, Param) ? param.value : param;
  return is(value, Placeholder) ? value.name : undefined;
}

/** A placeholder for each name, to be filled when the prepared statement runs. */
export const placeholders = <Name extends string>(
  names: readonly Name[],
): Record<Name, ReturnType<typeof sql.placeholder>> =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as never;

/** The same for an update, which takes expressions. */
export const expressions = <Name extends string>(names: readonly Name[]): Record<Name, SQL> =>
  Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`])) as Record<Name, SQL>;

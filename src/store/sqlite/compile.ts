import type { Database, RunResult } from 'better-sqlite3';
import type { DriverValueEncoder } from 'drizzle-orm';
import { is, Param, Placeholder } from './drizzle.ts';

/** What fills a query's placeholders, by name. */
type Values = Readonly<Record<string, unknown>>;

export interface Compiled<T> {
  run(values: Values): RunResult;
  /** The first row. */
  first(values: Values): T | undefined;
  /** Every row. */
  list(values: Values): readonly T[];
}

/**
 * The driver's own statement for a drizzle query. A statement that drizzle prepared looks at the class of each parameter
 * and of each column on every run, and that costs more than a small statement does: an import of a million flats took
 * twice as long. `read` turns a row's columns into what callers want; without it a row is its first column.
 */
export function compile<T = never>(
  client: Database,
  query: { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
  read: (columns: readonly unknown[]) => T = ([first]) => first as T,
): Compiled<T> {
  const { sql, params } = query.toSQL();
  const slots = params.map(slotOf);
  const statement = client.prepare(sql);
  if (statement.reader) statement.raw();
  const fill = (values: Values) =>
    slots.map(({ name, encoder, value }) => {
      if (name === undefined) return value;
      return encoder === undefined ? values[name] : encoder.mapToDriverValue(values[name]);
    });
  return {
    run: (values) => statement.run(fill(values)),
    first: (values) => {
      const row = statement.get(fill(values)) as unknown[] | undefined;
      return row && read(row);
    },
    list: (values) => (statement.all(fill(values)) as unknown[][]).map(read),
  };
}

/** A parameter: the value of a name, as its column stores it, or a value that is always the same. */
interface Slot {
  readonly name: string | undefined;
  readonly encoder: DriverValueEncoder<unknown, unknown> | undefined;
  readonly value: unknown;
}

function slotOf(param: unknown): Slot {
  if (is(param, Placeholder)) return { name: param.name, encoder: undefined, value: undefined };
  if (is(param, Param) && is(param.value, Placeholder)) {
    return { name: param.value.name, encoder: param.encoder, value: undefined };
  }
  return { name: undefined, encoder: undefined, value: param };
}

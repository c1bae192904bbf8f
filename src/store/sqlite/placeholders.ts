import type { Placeholder } from 'drizzle-orm';
import { sql } from './drizzle.ts';

/** A placeholder for each name, to be filled when the prepared statement runs. */
export const placeholders = <Name extends string>(names: readonly Name[]): Record<Name, Placeholder> =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as unknown as Record<Name, Placeholder>;

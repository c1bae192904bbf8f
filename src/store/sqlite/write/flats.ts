import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Flat } from '../../../domain/flat.ts';
import { LINES, type Lines } from '../../../domain/lines.ts';
import { toLineColumns } from '../columns.ts';
import { compile, expressions } from '../compile.ts';
import { eq, sql } from '../drizzle.ts';
import { createFlatFinder, type FlatFinder } from '../read/find.ts';
import { flats } from '../tables.ts';

export interface FlatQueries {
  readonly find: FlatFinder;
  /** Sets a flat's lines and returns the flat as it is then. */
  setLines(flat: Flat, lines: Lines, now: number): Flat;
}

export function createFlatQueries(client: Database, db: BetterSQLite3Database): FlatQueries {
  const names = [...LINES, 'version', 'updatedAt'] as const;
  const setLines = compile(
    client,
    db
      .update(flats)
      .set(expressions(names))
      .where(eq(flats.id, sql.placeholder('id'))),
    [...names, 'id'],
  );

  return {
    find: createFlatFinder(client),
    setLines(flat, lines, now) {
      const version = flat.version + 1;
      setLines.run(...toLineColumns(lines), version, now, flat.id);
      return { ...flat, lines, version, updatedAt: now };
    },
  };
}

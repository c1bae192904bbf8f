import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { LINES } from '../../../domain/lines.ts';
import { maskOf } from '../../rows.ts';
import type { Outcome } from '../../store.ts';
import { compile } from '../compile.ts';
import { eq, sql } from '../drizzle.ts';
import { lineCounts } from '../tables.ts';

/** Counts the flats in each state of the lines, with one write for all updates of a commit. */
export interface LineCounts {
  /** Drops what an earlier attempt of the commit has added. */
  begin(): void;
  add(outcomes: readonly Outcome[]): void;
  /** Counts flats that come into sight, or leave it, in one state of the lines. */
  addFlats(mask: number, flats: number): void;
  /** Writes what was added since `begin`. */
  end(): void;
}

export function createLineCounts(client: Database, db: BetterSQLite3Database): LineCounts {
  const write = compile(
    client,
    db
      .update(lineCounts)
      .set({ flats: sql`${lineCounts.flats} + ${sql.placeholder('delta')}` })
      .where(eq(lineCounts.lines, sql.placeholder('lines'))),
    ['delta', 'lines'],
  );
  const deltas = new Array<number>(2 ** LINES.length).fill(0);
  const addFlats = (mask: number, flats: number): void => {
    deltas[mask] = (deltas[mask] as number) + flats;
  };

  return {
    begin() {
      deltas.fill(0);
    },
    add(outcomes) {
      for (const outcome of outcomes) {
        if (outcome.kind !== 'written') continue;
        addFlats(maskOf(outcome.change.before), -1);
        addFlats(maskOf(outcome.change.after), 1);
      }
    },
    addFlats,
    end() {
      for (const [mask, delta] of deltas.entries()) if (delta !== 0) write.run(delta, mask);
    },
  };
}

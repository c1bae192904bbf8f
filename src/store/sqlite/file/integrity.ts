import type { Database } from 'better-sqlite3';
import { UnusableDatabaseError } from '../../store.ts';

/** How many rows each table has. */
export type RowCounts = Readonly<Record<string, number>>;

/** Reads everything, some 9 seconds for a million flats with as many changes, and throws `UnusableDatabaseError` at the first flaw. */
export function assertIntegrity(client: Database): void {
  // Indexes are compared with their tables row by row, back and forth.
  client.pragma('cache_size = -64000');
  const flaw = client.pragma('integrity_check(1)', { simple: true });
  if (flaw !== 'ok') throw new UnusableDatabaseError(`it is damaged (${String(flaw).replace(/\s+/g, ' ')})`);
  if ((client.pragma('foreign_key_check') as unknown[]).length > 0) {
    throw new UnusableDatabaseError('its rows refer to rows that are missing');
  }
}

export function rowCounts(client: Database): RowCounts {
  const counts = tablesOf(client).map((name) => [
    name,
    client.prepare(`select count(*) from "${name}"`).pluck().get() as number,
  ]);
  return Object.fromEntries(counts);
}

/** Counts anew how many flats stand in each state of the lines; returns whether a count was wrong. */
export function recount(client: Database): boolean {
  // Older versions kept no counts.
  const tables = tablesOf(client);
  if (!tables.includes('line_counts')) return false;
  const visible = tables.includes('hidden_flats')
    ? `and not exists (select 1 from hidden_flats h where h.intercom_id = f.intercom_id and f.flat between h.flat_from and h.flat_to)`
    : '';
  const { changes } = client
    .prepare(
      `update line_counts set flats = counted
       from (select l.lines as state, (select count(*) from flats f where f.lines = l.lines ${visible}) as counted from line_counts l)
       where lines = state and flats <> counted`,
    )
    .run();
  return changes > 0;
}

const tablesOf = (client: Database): string[] =>
  client
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'")
    .pluck()
    .all() as string[];

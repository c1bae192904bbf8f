import { rows } from './rows.ts';
import { STORE, type World } from './start.ts';

const TABLES = [
  'intercoms',
  'flats',
  'keys',
  'users',
  'flat_users',
  'changes',
  'provision_changes',
  'change_set_runs',
  'line_counts',
];

/** Every row of a database, but for the epoch of its log. */
export const everythingIn = (file: string): Record<string, unknown[]> =>
  Object.fromEntries(TABLES.map((table) => [table, rows(file, `select * from ${table} order by 1, 2`)]));

/** Every row of a service's database, on both dialects. */
export async function everythingOf(world: World): Promise<Record<string, unknown[]>> {
  const counts = STORE === 'postgres' ? 'change_log' : 'line_counts';
  const tables = TABLES.map((it) => (it === 'line_counts' ? counts : it));
  const all = await Promise.all(tables.map((it) => world.rows(`select * from ${it} order by 1, 2`)));
  return Object.fromEntries(tables.map((it, index) => [it, all[index] as unknown[]]));
}

export const epochOf = (file: string): string =>
  (rows(file, 'select epoch from change_log') as { epoch: string }[])[0]?.epoch as string;

import { rows } from './rows.ts';

const TABLES = ['intercoms', 'flats', 'keys', 'users', 'flat_users', 'changes', 'provision_changes', 'line_counts'];

/** Every row of a database, but for the epoch of its log. */
export const everythingIn = (file: string): Record<string, unknown[]> =>
  Object.fromEntries(TABLES.map((table) => [table, rows(file, `select * from ${table} order by 1, 2`)]));

export const epochOf = (file: string): string =>
  (rows(file, 'select epoch from change_log') as { epoch: string }[])[0]?.epoch as string;

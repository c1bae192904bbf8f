const TABLES = ['intercoms', 'flats', 'keys', 'users', 'changes'] as const;

/** How much is in a database, by what operators know. */
type Counts = Readonly<Record<(typeof TABLES)[number], number>>;

export const countsOf = (rows: Readonly<Record<string, number>>): Counts =>
  Object.fromEntries(TABLES.map((table) => [table, rows[table] ?? 0])) as Counts;

export const countsText = (counts: Counts): string => TABLES.map((table) => `${table}: ${counts[table]}\n`).join('');

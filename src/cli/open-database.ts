import { type Database, openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { Terminal } from './terminal.ts';

/** Opens the store of a command, and says on stderr when that has migrated the database. */
export function openDatabase(
  database: Database,
  { err }: Pick<Terminal, 'err'>,
  options: Parameters<typeof openStore>[1] = {},
): Store {
  const store = openStore(database, options);
  const { isNew, migrated, copy } = store.opened;
  if (!isNew && migrated.from !== migrated.to) {
    const kept = copy === undefined ? 'no copy was kept of it as it was' : `as it was, it is kept as ${copy}`;
    err(`Migrated ${database.file}: schema ${migrated.from} -> ${migrated.to}; ${kept}.\n`);
  }
  return store;
}

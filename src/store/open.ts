import { openSqlite, type SqliteOptions } from './sqlite/open-sqlite.ts';
import type { Store } from './store.ts';

/** A file on this machine; the only kind of database there is. */
export interface Database {
  readonly file: string;
}

const DEFAULTS: SqliteOptions = { now: Date.now, lockPatience: 5_000, maxWaiting: 20_000 };

/** Opens the store that the configuration names, made and migrated if need be. */
export const openStore = ({ file }: Database, options: Partial<SqliteOptions> = {}): Store =>
  openSqlite(file, { ...DEFAULTS, ...options });

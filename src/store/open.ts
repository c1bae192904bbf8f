import { createCalls } from '../threads/calls.ts';
import { type BackupReport, backUp, copyDatabase } from './sqlite/file/back-up.ts';
import { BESIDE } from './sqlite/file/files.ts';
import { type Narrowed, narrowFiles } from './sqlite/file/narrow-files.ts';
import { type RestoreOptions, type RestoreReport, restore } from './sqlite/file/restore.ts';
import { openSqlite, type SqliteOptions } from './sqlite/open.ts';
import { connectStore } from './sqlite/threads/connected-store.ts';
import {
  type Connection,
  openThreads,
  type ThreadedStore,
  type ThreadOptions,
  WRITER_THREAD,
} from './sqlite/threads/open.ts';
import type { Store, ThreadStore } from './store.ts';

/** The problem of a file, as text for a message. */
export { errorText } from './sqlite/file/errors.ts';
/** The permissions of files that the program creates. */
export { PRIVATE_FILE } from './sqlite/file/files.ts';

/** A file on this machine; the only kind of database there is. */
export interface Database {
  readonly file: string;
  /** Whether it may be migrated without a copy of it as it was. */
  readonly withoutCopy?: boolean;
}

const DEFAULTS: Omit<SqliteOptions, 'withoutCopy'> = {
  now: Date.now,
  lockTimeoutMs: 5_000,
  maxWaiting: 20_000,
  // Some 3 ms.
  flatsPerCommit: 250,
  onCommit: () => {},
  onWait: () => {},
  onClockBack: () => {},
  onStorage: () => {},
};

/** The database and its companion files: no command may write them directly. */
export const databaseFiles = ({ file }: Database): readonly string[] => ['', ...BESIDE].map((suffix) => file + suffix);

/** Opens the store that the configuration names; creates and migrates it if needed. */
export const openStore = (
  { file, withoutCopy = false }: Database,
  options: Partial<Omit<SqliteOptions, 'withoutCopy'>> = {},
): Store => openSqlite(file, { ...DEFAULTS, ...options, withoutCopy });

/** The same store for a service: it writes in a thread of its own. */
export const openServiceStore = (
  { file, withoutCopy = false }: Database,
  options: Pick<ThreadOptions, 'onWriterEnd'> & Partial<ThreadOptions>,
): Promise<ThreadedStore> => openThreads(file, { ...DEFAULTS, writer: WRITER_THREAD, ...options, withoutCopy });

export type { Connection, ThreadedStore };

/** The part of a store that another thread has: it reads by itself, and writes by the writer. */
export const openThreadStore = (connection: Connection): ThreadStore =>
  connectStore(connection, createCalls(connection.port));

/** Removes the permissions of other users from the files of a database; returns the files that others could read. */
export const narrowDatabase = ({ file }: Database): readonly Narrowed[] => narrowFiles(file);

/** Copies a database that may be in use into a new file, as it is; the copy is not checked. */
export const copyDatabaseTo = ({ file }: Database, target: string): Promise<void> => copyDatabase(file, target);

/** Copies a database that may be in use into a file, which gets its name only once it is complete and checked. */
export const backUpDatabase = ({ file }: Database, target: string, signal: AbortSignal): Promise<BackupReport> =>
  backUp(file, target, signal);

/** Replaces a database that nobody has open by a copy of a backup, and keeps the old one under another name. */
export const restoreDatabase = (backup: string, { file }: Database, options: RestoreOptions): Promise<RestoreReport> =>
  restore(backup, file, options);

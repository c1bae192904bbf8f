import { createCalls } from '../threads/calls.ts';
import type { CopyReport, CopySource, CopyTarget } from './copy-tables.ts';
import type { PostgresOptions } from './postgres/open.ts';
import { type Address, addressText } from './postgres/server/address.ts';
import type { ServerConnection } from './postgres/threads/connected-store.ts';
import { type BackupReport, backUp, copyDatabase } from './sqlite/file/back-up.ts';
import { BESIDE } from './sqlite/file/files.ts';
import { type Narrowed, narrowFiles } from './sqlite/file/narrow-files.ts';
import { type RestoreOptions, type RestoreReport, restore } from './sqlite/file/restore.ts';
import { openSqlite, type SqliteOptions } from './sqlite/open.ts';
import { connectStore } from './sqlite/threads/connected-store.ts';
import { type FileConnection, openThreads, type ThreadOptions, WRITER_THREAD } from './sqlite/threads/open.ts';
import type { Store, ThreadStore } from './store.ts';

/** The problem of a file, as text for a message. */
export { errorText } from './sqlite/file/errors.ts';
/** The permissions of files that the program creates. */
export { PRIVATE_FILE } from './sqlite/file/files.ts';

/** A SQLite database: a file on this machine. */
export interface FileDatabase {
  readonly file: string;
  /** Whether it may be migrated without a copy of it as it was. */
  readonly withoutCopy?: boolean;
}

/** A PostgreSQL database, which several instances may share. */
export interface ServerDatabase extends Pick<PostgresOptions, 'connections' | 'patienceMs' | 'readTimeoutMs'> {
  readonly address: Address;
  /** The name of this instance. */
  readonly instance: string;
}

export type Database = FileDatabase | ServerDatabase;

export const isFile = (database: Database): database is FileDatabase => 'file' in database;

/** The database as it is named in logs and messages. */
export const databaseText = (database: Database): string =>
  isFile(database) ? database.file : addressText(database.address);

/** The database of a URL like `postgres://user@host/name`, or what is wrong with it. */
export { parseAddress } from './postgres/server/address.ts';

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

/** The files of a database, if it has any here: no command may write them directly. */
export const databaseFiles = (database: Database): readonly string[] =>
  isFile(database) ? ['', ...BESIDE].map((suffix) => database.file + suffix) : [];

export type OpenOptions = Partial<Omit<SqliteOptions, 'withoutCopy'>>;

/** Opens the store in a file; creates and migrates it if needed. */
export const openStore = ({ file, withoutCopy = false }: FileDatabase, options: OpenOptions = {}): Store =>
  openSqlite(file, { ...DEFAULTS, ...options, withoutCopy });

/** Opens the store that the configuration names; creates and migrates it if needed. */
export const openAnyStore = async (database: Database, options: OpenOptions = {}): Promise<Store> =>
  isFile(database) ? openStore(database, options) : openServer(database, options);

async function openServer(database: ServerDatabase, options: OpenOptions): Promise<ThreadedStore> {
  // Its modules and the driver's take a part of the start that a service on a file does without.
  const { openPostgres } = await import('./postgres/open.ts');
  const { lockTimeoutMs = database.patienceMs, ...others } = options;
  return openPostgres({
    ...{ ...DEFAULTS, now: undefined, ...database, ...others },
    ...{ patienceMs: lockTimeoutMs, startPatienceMs: database.patienceMs },
  });
}

/** The same store for a service: other threads can use it, and on a file it writes in a thread of its own. */
export const openServiceStore = async (
  database: Database,
  options: Pick<ThreadOptions, 'onWriterEnd'> & Partial<ThreadOptions>,
): Promise<ThreadedStore> =>
  isFile(database)
    ? openThreads(database.file, {
        ...{ ...DEFAULTS, writer: WRITER_THREAD, ...options },
        withoutCopy: database.withoutCopy ?? false,
      })
    : openServer(database, options);

/** What another thread needs to use a store; the port is transferred to it. */
export type Connection = FileConnection | ServerConnection;

export type ThreadedStore = Store & { connect(): Connection };

/** The part of a store that another thread has: it reads by itself, and writes by the thread that has opened the store. */
export async function openThreadStore(connection: Connection): Promise<ThreadStore> {
  const calls = createCalls(connection.port);
  if ('file' in connection) return connectStore(connection, calls);
  const { connectPostgres } = await import('./postgres/threads/connected-store.ts');
  return connectPostgres(connection, calls);
}

/**
 * Copies everything from one database to another one that is empty: with versions, times, the change log, its epoch and the
 * tokens. Then it reads the copy, and compares.
 */
export async function copyEverything(from: Database, to: Database): Promise<CopyReport> {
  const { copyTables, verifyCopy } = await import('./copy-tables.ts');
  // Both are migrated first, and the target is made if needed.
  for (const database of [from, to]) await (await openAnyStore(database))[Symbol.asyncDispose]();
  await using source = await openCopySource(from);
  let copied: Awaited<ReturnType<typeof copyTables>>;
  {
    await using target = await openCopyTarget(to);
    copied = await copyTables(source, target);
  }
  await using written = await openCopySource(to);
  // Both are read until then.
  return await verifyCopy(copied, written, source);
}

async function openCopySource(database: Database): Promise<CopySource> {
  if (isFile(database)) return (await import('./sqlite/file/copy-source.ts')).openCopySource(database.file);
  return (await import('./postgres/server/copy-source.ts')).openCopySource(await connectForCopy(database));
}

async function openCopyTarget(database: Database): Promise<CopyTarget> {
  if (isFile(database)) return (await import('./sqlite/file/copy-source.ts')).openCopyTarget(database.file);
  return (await import('./postgres/server/copy-source.ts')).openCopyTarget(await connectForCopy(database));
}

const connectForCopy = async (database: ServerDatabase) =>
  (await import('./postgres/server/read-pool.ts')).connectForExport(database);

/** Removes the permissions of other users from the files of a database; returns the files that others could read. */
export const narrowDatabase = ({ file }: FileDatabase): readonly Narrowed[] => narrowFiles(file);

/** Copies a database that may be in use into a new file, as it is; the copy is not checked. */
export const copyDatabaseTo = ({ file }: FileDatabase, target: string): Promise<void> => copyDatabase(file, target);

/** Copies a database that may be in use into a file, which gets its name only once it is complete and checked. */
export const backUpDatabase = ({ file }: FileDatabase, target: string, signal: AbortSignal): Promise<BackupReport> =>
  backUp(file, target, signal);

/** Replaces a database that nobody has open by a copy of a backup, and keeps the old one under another name. */
export const restoreDatabase = (
  backup: string,
  { file }: FileDatabase,
  options: RestoreOptions,
): Promise<RestoreReport> => restore(backup, file, options);

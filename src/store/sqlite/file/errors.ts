import { SqliteError } from 'better-sqlite3';

export const FULL = 'the disk is full';
export const NOT_WRITABLE = 'it cannot be written; check the rights of the file and its folder';

/** A fault of the driver or of the file system as text for the operator, to stand after a colon. */
export function errorText(error: unknown): string {
  if (error instanceof SqliteError) {
    if (isDamage(error)) return 'it is damaged, or no SQLite database at all';
    if (isLocked(error)) return 'another process keeps it locked';
    if (isFull(error)) return FULL;
    if (error.code.startsWith('SQLITE_READONLY')) return NOT_WRITABLE;
    if (error.code.startsWith('SQLITE_IOERR')) return `the disk fails (${error.code})`;
    if (error.code.startsWith('SQLITE_CANTOPEN'))
      return 'it cannot be opened; check the rights of the file and its folder';
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FILE_FAULTS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** Whether SQLite reports that a file is not a database, or is damaged. */
export const isDamage = (error: unknown): boolean =>
  error instanceof SqliteError && (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'));

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a part of its path is a file, not a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'the permissions of the file or its folder do not allow it',
  EPERM: 'the permissions of the file or its folder do not allow it',
  EROFS: 'its file system is read-only',
  ENOSPC: FULL,
};

/** Whether a write failed for lack of room, for the log or for its index. */
export const isFull = (error: unknown): boolean => /^SQLITE_(FULL|IOERR_SHMSIZE)/.test(codeOf(error));

/** Whether a write failed since the file or its disk can only be read. */
export const isReadOnly = (error: unknown): boolean => /^SQLITE_(READONLY|CANTOPEN)/.test(codeOf(error));

const codeOf = (error: unknown): string => (error instanceof SqliteError ? error.code : '');

/** Whether another process holds the lock that a write needs. */
export const isLocked = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');

/** Whether a write failed because of the storage, not because of the write itself. */
export const isStorageFault = (error: unknown): boolean =>
  /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN)/.test(codeOf(error));

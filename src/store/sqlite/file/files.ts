import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Renames a finished file over another; after a power loss either the old or the new one is there, complete. No database
 * connection of this process may have the file open: closing a file drops its locks.
 */
export function moveInto(file: string, path: string): void {
  sync(file);
  renameSync(file, path);
  sync(dirname(path));
}

/** Removes a database file, and what SQLite may have put beside it. */
export function remove(file: string): void {
  for (const suffix of ['', ...BESIDE]) rmSync(file + suffix, { force: true });
}

/** What SQLite puts beside a database file. */
export const BESIDE = ['-wal', '-shm', '-journal'] as const;

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// Files hold key codes, logins and hashes of tokens, so only their owner may read them. The umask of the mains keeps these
// permissions.

export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/** Makes an empty file; throws `EEXIST` when there is one. */
export const makePrivateFile = (file: string): void => closeSync(openSync(file, 'wx', PRIVATE_FILE));

/** Makes a folder and those above it; one that exists stays as it is. */
export const makePrivateFolder = (folder: string): void =>
  void mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });

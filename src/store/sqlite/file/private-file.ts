import { closeSync, mkdirSync, openSync } from 'node:fs';

// Files hold key codes, logins and hashes of tokens, so only their owner may read them. The mains set a umask that takes
// nothing from these rights.

export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/** Makes an empty file; throws `EEXIST` when there is one. */
export const makePrivateFile = (file: string): void => closeSync(openSync(file, 'wx', PRIVATE_FILE));

/** Makes a folder and those above it; one that exists stays as it is. */
export const makePrivateFolder = (folder: string): void =>
  void mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });

import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { UnusableDatabaseError } from '../../store.ts';
import { NOT_WRITABLE } from './errors.ts';
import { BESIDE } from './files.ts';

/**
 * Throws `UnusableDatabaseError` for a database that this user may not write. SQLite would open it and fail at the first
 * write; opening it would even leave companion files that cannot be written either.
 */
export function assertWritable(file: string): void {
  try {
    // SQLite makes its log beside the file itself, not beside a link to it.
    const path = existsSync(file) ? realpathSync(file) : file;
    for (const suffix of ['', ...BESIDE]) if (existsSync(path + suffix)) accessSync(path + suffix, constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch {
    throw new UnusableDatabaseError(NOT_WRITABLE);
  }
}

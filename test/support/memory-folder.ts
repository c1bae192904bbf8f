import { statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
/** Databases, clusters of PostgreSQL and profiles of browsers together take some 500 MB. */
const MIN_FREE_BYTES = 2 ** 31;

/**
 * Lets temporary files be in memory, where this machine has room for them: more than half of the time of a test with a database
 * was the disk. The same files are written and synced in the same way. A `TMPDIR` that is set stays.
 */
export function memoryFolder(): { readonly TMPDIR?: string } {
  if (process.env['TMPDIR']) return {};
  try {
    const { bavail, bsize } = statfsSync(FOLDER);
    return bavail * bsize >= MIN_FREE_BYTES ? { TMPDIR: FOLDER } : {};
  } catch {
    return {};
  }
}

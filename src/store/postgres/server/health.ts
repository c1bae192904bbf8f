import type { GroupCommit } from '../../group-commit.ts';
import { StorageError, type Store, UnusableDatabaseError } from '../../store.ts';
import type { Work } from '../commit/committer.ts';
import { answeringWithin } from './connection.ts';
import { reasonOf, toStorageError } from './errors.ts';
import { isCurrent } from './migrate.ts';
import type { Pool } from './pool.ts';
import type { StorageWatch } from './storage-watch.ts';

/**
 * Checks whether a change could be stored, by a real commit that changes nothing: it shares a commit with others, and waits like
 * them for a primary and for its standby. How much room the server has cannot be asked. `shortMs` is how long an answer may take.
 */
export function createHealthCheck(
  pool: Pool,
  shortMs: number,
  commits: GroupCommit<Work>,
  watch: StorageWatch,
): Store['findStorageProblem'] {
  async function problemOf(): Promise<string | undefined> {
    try {
      if (!(await pool.read((connection) => isCurrent(answeringWithin(shortMs, connection)))))
        return 'the tables of the database are not those of this version';
      await commits.write('health', 0, 'touch');
      return undefined;
    } catch (error) {
      const fault = toStorageError(error);
      if (fault instanceof StorageError) return `the database cannot be written: ${fault.message}`;
      if (fault instanceof UnusableDatabaseError) return `the database cannot be used: ${fault.message}`;
      return `the database cannot be used: ${reasonOf(fault)}`;
    }
  }

  return async () => watch.found(await problemOf());
}

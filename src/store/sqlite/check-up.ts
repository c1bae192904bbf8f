import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { StorageBusy, type Store, UnusableDatabase } from '../store.ts';
import type { GroupCommit } from './group-commit.ts';
import { isCurrent } from './migrate.ts';
import type { OwnFile } from './own-file.ts';
import { reasonOf } from './reason.ts';

/**
 * Looks whether a change could be stored and kept. What counts is a write: one that changes nothing shares a commit with
 * the others, waits like them for the lock of another process, and is synced like them.
 */
export function checkUp(file: string, own: OwnFile, client: Database, commits: GroupCommit): Store['ailment'] {
  const touch = client.prepare('update change_log set pruned_to = pruned_to');

  return async (minFreeBytes) => {
    try {
      const problem = own.check();
      if (problem) return problem;
      await access(file, constants.W_OK);
      const { bavail, bsize } = await statfs(dirname(file));
      // A full disk may still take a write that fits into what the log had before.
      if (bavail * bsize <= minFreeBytes) return 'the disk of the database has too little room left';
      if (!isCurrent(client)) return 'the tables of the database are not those of this version';
      await commits.write(0, () => void touch.run());
      return undefined;
    } catch (error) {
      if (error instanceof StorageBusy) return `the database cannot be written: ${error.message}`;
      if (error instanceof UnusableDatabase) return `the database cannot be used: ${error.message}`;
      return `the database cannot be used: ${reasonOf(error)}`;
    }
  };
}

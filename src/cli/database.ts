import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyDatabaseTo, type Database, openStore } from '../store/open.ts';
import { type Store, UnusableDatabase } from '../store/store.ts';

/**
 * A store with everything that is in the database, in a folder for temporary files; closing it removes the copy.
 * A database that does not exist is not made for that: its copy is empty.
 */
export async function openThrowawayCopy(database: Database, options: Parameters<typeof openStore>[1]): Promise<Store> {
  const folder = await told(() => mkdtemp(join(tmpdir(), 'intercom-flats-')));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'copy.db');
    if (existsSync(database.file)) {
      await told(() => copyDatabaseTo(database, file));
    }
    const throwaway = openStore({ file, withoutCopy: true }, options);
    return {
      ...throwaway,
      async [Symbol.asyncDispose]() {
        await throwaway[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Tells what is wrong with the folder for temporary files, which is not the file that is imported. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnusableDatabase) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnusableDatabase(`Cannot make a copy of the database: ${reason}. TMPDIR names another folder for it.`, {
      cause: error,
    });
  }
}

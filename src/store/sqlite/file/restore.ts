import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { chmod, chown, constants, copyFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UnusableDatabaseError } from '../../store.ts';
import { assertBackup, prepare } from './check-backup.ts';
import { errorText } from './errors.ts';
import { BESIDE, makePrivateFolder, moveInto, PRIVATE_FILE, remove } from './files.ts';
import type { RowCounts } from './integrity.ts';
import { lockExclusively } from './lock.ts';

export interface RestoreReport {
  readonly rows: RowCounts;
  /** Where the database is that was in place before; `undefined` when there was none. */
  readonly aside: string | undefined;
}

export interface RestoreOptions {
  /** Goes on although the present database is too damaged to find out whether somebody has it open. */
  readonly force: boolean;
  /** Milliseconds since 1970; goes into the name of the database that is put aside. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Replaces the database by a copy of a backup, and keeps the old one under another name. Whenever it is interrupted, either
 * the old or the new database is in place, complete. Nobody else can open the database meanwhile. Throws
 * `UnusableDatabaseError`, or the reason of the signal when that aborts.
 */
export async function restore(backup: string, database: string, options: RestoreOptions): Promise<RestoreReport> {
  const { signal } = options;
  try {
    assertBackup(backup);
    // A link to the database stays a link to it.
    const isLink = lstatSync(database, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(database);
    const path = isLink ? realpathSync(database) : database;
    const old = statSync(path, { throwIfNoEntry: false });
    if (old && isSame(old, statSync(backup))) throw new UnusableDatabaseError('it is the database itself');
    makePrivateFolder(dirname(path));
    using lock = lockExclusively(path);
    if (!lock && !options.force && existsSync(`${path}-shm`)) {
      throw new UnusableDatabaseError(
        'the present database is too damaged to find out whether a server has it open; stop the server, and run this again with --force',
      );
    }
    const copy = `${path}.restoring-${process.pid}`;
    try {
      removeAliases(path);
      await copyFile(backup, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await chmod(copy, PRIVATE_FILE);
      if (old && (old.uid !== statSync(copy).uid || old.gid !== statSync(copy).gid))
        await chown(copy, old.uid, old.gid);
      signal.throwIfAborted();
      const rows = prepare(copy);
      signal.throwIfAborted();
      const aside = old && old.size > 0 ? keepAside(path, options.now) : undefined;
      moveInto(copy, path);
      return { rows, aside };
    } catch (error) {
      remove(copy);
      removeAliases(path);
      if (!old) rmSync(path, { force: true });
      throw error;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new UnusableDatabaseError(`Cannot restore ${backup}: ${errorText(error)}.`, { cause: error });
  }
}

const asideOf = (path: string): string => `${path}.before-restore-`;

/**
 * Gives the old database a second name, so that the new one can take the first without a moment in which there is none.
 * What stands beside one that could not be locked goes with it: SQLite would play it back into the new database.
 */
function keepAside(path: string, now: number): string {
  const aside = asideOf(path) + new Date(now).toISOString().replace(/[-:.]/g, '');
  linkSync(path, aside);
  chmodSync(aside, PRIVATE_FILE);
  for (const suffix of BESIDE) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

/** A restore that was cut short may have left a second name of the database that is in place, which is no copy of it. */
function removeAliases(path: string): void {
  const [folder, old] = [dirname(path), statSync(path)];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(basename(asideOf(path)))) continue;
    if (isSame(old, statSync(join(folder, name)))) rmSync(join(folder, name));
  }
}

const isSame = (a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean =>
  a.dev === b.dev && a.ino === b.ino;

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
import { UnusableDatabase } from '../../store.ts';
import { assertBackup, prepare } from './check-backup.ts';
import { reasonOf } from './errors.ts';
import { BESIDE, makePrivateFolder, moveInto, PRIVATE_FILE, remove } from './files.ts';
import type { RowCounts } from './integrity.ts';
import { lockOut } from './lock.ts';

export interface RestoreReport {
  readonly rows: RowCounts;
  /** Where the database is that was in place before; `undefined` when there was none. */
  readonly aside: string | undefined;
}

export interface RestoreOptions {
  /** Goes on although the present database is too damaged to tell whether somebody has it open. */
  readonly force: boolean;
  /** Milliseconds since 1970; goes into the name of the database that is put aside. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Puts a copy of a backup in the place of the database, which is kept under another name. Until the last step the old
 * database is in place, and from then on the new one, whatever cuts it short. Nobody else can open the database
 * meanwhile. Throws `UnusableDatabase`, or the reason of the signal when that aborts.
 */
export async function restore(backup: string, database: string, options: RestoreOptions): Promise<RestoreReport> {
  const { signal } = options;
  try {
    assertBackup(backup);
    // A link to the database stays a link to it.
    const isLink = lstatSync(database, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(database);
    const place = isLink ? realpathSync(database) : database;
    const old = statSync(place, { throwIfNoEntry: false });
    if (old && isSame(old, statSync(backup))) throw new UnusableDatabase('it is the database itself');
    makePrivateFolder(dirname(place));
    using lock = lockOut(place);
    if (!lock && !options.force && existsSync(`${place}-shm`)) {
      throw new UnusableDatabase(
        'the present database is too damaged to tell whether a server has it open; stop the server, and run this again with --force',
      );
    }
    const copy = `${place}.restoring-${process.pid}`;
    try {
      removeAliases(place);
      await copyFile(backup, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await chmod(copy, PRIVATE_FILE);
      if (old && (old.uid !== statSync(copy).uid || old.gid !== statSync(copy).gid))
        await chown(copy, old.uid, old.gid);
      signal.throwIfAborted();
      const rows = prepare(copy);
      signal.throwIfAborted();
      const aside = old && old.size > 0 ? keepAside(place, options.now) : undefined;
      moveInto(copy, place);
      return { rows, aside };
    } catch (error) {
      remove(copy);
      removeAliases(place);
      if (!old) rmSync(place, { force: true });
      throw error;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new UnusableDatabase(`Cannot restore ${backup}: ${reasonOf(error)}.`, { cause: error });
  }
}

const asideOf = (place: string): string => `${place}.before-restore-`;

/**
 * Gives the old database a second name, so that the new one can take the first without a moment in which there is none.
 * What stands beside one that could not be locked goes with it: SQLite would play it back into the new database.
 */
function keepAside(place: string, now: number): string {
  const aside = asideOf(place) + new Date(now).toISOString().replace(/[-:.]/g, '');
  linkSync(place, aside);
  chmodSync(aside, PRIVATE_FILE);
  for (const suffix of BESIDE) if (existsSync(place + suffix)) renameSync(place + suffix, aside + suffix);
  return aside;
}

/** A restore that was cut short may have left a second name of the database that is in place, which is no copy of it. */
function removeAliases(place: string): void {
  const [folder, old] = [dirname(place), statSync(place)];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(basename(asideOf(place)))) continue;
    if (isSame(old, statSync(join(folder, name)))) rmSync(join(folder, name));
  }
}

const isSame = (a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean =>
  a.dev === b.dev && a.ino === b.ino;

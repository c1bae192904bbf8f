import { chmodSync, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText } from './errors.ts';
import { BESIDE, PRIVATE_FILE } from './files.ts';

/** A file that other users could read or write. */
export interface Narrowed {
  readonly file: string;
  /** Its permissions before, like `0644`. */
  readonly mode: string;
  /** Why it is still so. */
  readonly problem?: string;
}

/**
 * Removes the permissions of other users from a database, its companion files, and the copies that the program made of it.
 */
export function narrowFiles(file: string): readonly Narrowed[] {
  const narrowed: Narrowed[] = [];
  // SQLite keeps its files beside the database itself, not beside a link to it.
  for (const each of filesOf(existsSync(file) ? realpathSync(file) : file)) {
    const mode = statSync(each, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) === 0) continue;
    const about = { file: each, mode: (mode & 0o7777).toString(8).padStart(4, '0') };
    try {
      // Permissions of the owner are the operator's choice.
      chmodSync(each, mode & PRIVATE_FILE);
      narrowed.push(about);
    } catch (error) {
      narrowed.push({ ...about, problem: errorText(error) });
    }
  }
  return narrowed;
}

/** What restore, migrations and killed commands leave has these in its name. */
const COPIES = ['.before-restore-', '.before-schema-', '.restoring-'];

function filesOf(file: string): readonly string[] {
  const [folder, name] = [dirname(file), basename(file)];
  let beside: readonly string[] = [];
  try {
    beside = readdirSync(folder).filter((it) => COPIES.some((copy) => it.startsWith(name + copy)));
  } catch {
    // No folder yet, or it cannot be read, as the start will say.
  }
  return [file, ...BESIDE.map((suffix) => file + suffix), ...beside.map((it) => join(folder, it))];
}

import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorText, PRIVATE_FILE } from '../store/open.ts';
import { CommandError } from './command.ts';

/** A file that is there as a whole or not at all. Disposed of before it is finished, it leaves nothing behind. */
export interface OutFile extends AsyncDisposable {
  /** Its name in messages. */
  readonly name: string;
  write(text: string): Promise<void>;
  /** Puts it under its name, on disk; a file that had the name is replaced. */
  finish(): Promise<void>;
}

/**
 * Writes a temporary file and renames it last. Refuses the files in `taken`, which the command itself uses, and anything but
 * a regular file: a device would be replaced, too.
 */
export async function openOutFile(file: string, taken: readonly string[]): Promise<OutFile> {
  const target = await placeOf(file);
  for (const other of taken) {
    if (target === (await placeOf(other))) {
      throw new CommandError(`Cannot write ${file}: this command works on it. Name another file.`);
    }
  }
  const withFileError = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toFileError('write', file, error);
    }
  };
  const before = await stat(target).catch(() => undefined);
  if (before && !before.isFile()) {
    throw new CommandError(`Cannot write ${file}: it is ${before.isDirectory() ? 'a folder' : 'not a regular file'}.`);
  }

  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  let handle: FileHandle | undefined = await withFileError(() => open(part, 'wx', PRIVATE_FILE));
  const close = async () => {
    const open = handle;
    handle = undefined;
    await open?.close();
  };
  return {
    name: file,
    write: (text) => withFileError(async () => handle?.writeFile(text)),
    finish: () =>
      withFileError(async () => {
        await handle?.sync();
        await close();
        await rename(part, target);
        await using folder = await open(dirname(target));
        await folder.sync();
      }),
    async [Symbol.asyncDispose]() {
      await close();
      await rm(part, { force: true });
    },
  };
}

/** The full path without links, also of a file that is not there yet. */
async function placeOf(file: string): Promise<string> {
  const full = resolve(file);
  const folder = () => realpath(dirname(full)).catch(() => dirname(full));
  return realpath(full).catch(async () => join(await folder(), basename(full)));
}

/** A file system error as a message, like `Cannot read x.csv: it is a folder.`; any other error as it is. */
export function toFileError(does: 'read' | 'write', file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new CommandError(`Cannot ${does} ${file}: ${errorText(error)}.`, { cause: error });
}

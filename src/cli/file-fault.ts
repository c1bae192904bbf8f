import { CannotRun } from './command.ts';

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'you have no right to do so',
  EPERM: 'you have no right to do so',
  EROFS: 'it is on a disk that cannot be written',
  ENOSPC: 'the disk is full',
};

/** A fault of the file system as something to mend, like `Cannot read x.csv: it is a folder.`; any other error as it is. */
export function fileFault(does: 'read' | 'write', file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new CannotRun(`Cannot ${does} ${file}: ${TEXTS[String(error.code)] ?? error.message}.`, { cause: error });
}

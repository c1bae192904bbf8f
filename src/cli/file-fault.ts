import { reasonOf } from '../store/open.ts';
import { CannotRun } from './command.ts';

/** A fault of the file system as something to mend, like `Cannot read x.csv: it is a folder.`; any other error as it is. */
export function fileFault(does: 'read' | 'write', file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new CannotRun(`Cannot ${does} ${file}: ${reasonOf(error)}.`, { cause: error });
}

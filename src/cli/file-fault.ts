/** A fault of the file system, as Node tells it. */
export const isFileFault = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you have no right to read it',
};

export const fileFaultText = (error: NodeJS.ErrnoException): string => TEXTS[error.code ?? ''] ?? error.message;

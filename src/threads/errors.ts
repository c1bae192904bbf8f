import type { StorageProblem } from '../domain/storage-problem.ts';
import { ChangesPrunedError, StorageError, UnusableDatabaseError } from '../store/store.ts';

/** An error as a message: classes do not cross between threads, so it is known by its name. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
  readonly problem: StorageProblem | undefined;
  readonly cause: SentError | undefined;
}

/** The most causes of causes that are sent. */
const MAX_CAUSES = 3;

export function encodeError(error: unknown, depth = 0): SentError {
  if (!(error instanceof Error)) return { ...NOTHING, name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack,
    code: 'code' in error ? error.code : undefined,
    problem: error instanceof StorageError ? error.problem : undefined,
    cause: cause !== undefined && depth < MAX_CAUSES ? encodeError(cause, depth + 1) : undefined,
  };
}

export function decodeError({ name, message, stack, code, problem, cause }: SentError): Error {
  const options = cause && { cause: decodeError(cause) };
  if (problem) return new StorageError(problem, message, options);
  if (name === 'ChangesPrunedError') return new ChangesPrunedError(message, options);
  if (name === 'UnusableDatabaseError') return new UnusableDatabaseError(message, options);
  const error = new Error(message, options);
  Object.assign(error, { name, ...(code !== undefined && { code }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

const NOTHING = { stack: undefined, code: undefined, problem: undefined, cause: undefined };

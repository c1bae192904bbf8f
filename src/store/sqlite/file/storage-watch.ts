import { StorageError } from '../../store.ts';
import { freeBytes, MIN_FREE_BYTES } from './disk-room.ts';
import { errorText, FULL, isFull } from './errors.ts';
import type { Sharing } from './full-disk.ts';
import { assertWritable } from './inspect.ts';
import type { OwnFile } from './own-file.ts';

/** How often everything is checked without being asked. */
const CHECK_EVERY_MS = 1_000;

/** The state of the storage as a whole: one answer for writes, readiness and the log. */
export interface StorageWatch extends Disposable {
  /** Checks that the files are those that are open; returns what is wrong with them. */
  check(): string | undefined;
  /** Checks that they can be written, too. */
  checkAll(): void;
  /** What the last check of the files returned. */
  lost(): string | undefined;
  /** The problem that prevents writes, as of the last checks and commits. */
  problem(): string | undefined;
  /** Throws a `StorageError` when nothing may be written, as of the last checks. */
  assertUsable(): void;
  /** Records that a commit succeeded. */
  succeeded(): void;
  /** Records that a commit failed because of the storage. */
  failed(error: unknown): void;
  /** Records what else readiness has found; returns the resulting problem. */
  found(problem: string | undefined): string | undefined;
  /** Whether only a write can show that the problem has passed. */
  mayHeal(): boolean;
}

/** `report` is called once for each problem, and with `undefined` once it has passed. */
export function createStorageWatch(
  file: string,
  own: OwnFile,
  shared: Sharing,
  report: (problem: string | undefined) => void,
): StorageWatch {
  let readOnly: string | undefined;
  // A disk that was too full for a write is so until it has more room than then.
  let enough = MIN_FREE_BYTES;
  const isOutOfRoom = () => freeBytes(file) < enough;
  let failing: string | undefined = isOutOfRoom() ? FULL : undefined;
  let unready: string | undefined;
  let reported: string | undefined;

  function endFailure(): void {
    failing = undefined;
    enough = MIN_FREE_BYTES;
  }

  const problem = () => own.problem() ?? readOnly ?? failing;

  function reportCurrent(): string | undefined {
    const current = problem() ?? unready;
    if (current !== reported) report(current);
    reported = current;
    return current;
  }

  function checkAll(): void {
    if (own.check() === undefined) {
      readOnly = writeProblem(file);
      if (failing === FULL && !isOutOfRoom() && shared.resume()) endFailure();
    }
    reportCurrent();
  }

  const timer = setInterval(checkAll, CHECK_EVERY_MS).unref();
  reportCurrent();
  return {
    check() {
      own.check();
      reportCurrent();
      return own.problem();
    },
    checkAll,
    lost: own.problem,
    problem,
    assertUsable() {
      const lost = own.problem();
      if (lost !== undefined) throw new StorageError('lost', lost);
      if (readOnly !== undefined) throw new StorageError('readOnly', readOnly);
      if (!shared.resume()) throw new StorageError('full', FULL);
    },
    succeeded() {
      // A full disk takes a write now and then that fits into what its log had before.
      if (failing === undefined || (failing === FULL && isOutOfRoom())) return;
      endFailure();
      unready = undefined;
      reportCurrent();
    },
    failed(error) {
      failing = isFull(error) ? FULL : `the database cannot be used: ${errorText(error)}`;
      if (failing === FULL) enough = Math.max(MIN_FREE_BYTES, freeBytes(file) + 1);
      reportCurrent();
    },
    found(problem) {
      unready = problem;
      return reportCurrent();
    },
    mayHeal: () => own.problem() === undefined && readOnly === undefined && failing !== FULL,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function writeProblem(file: string): string | undefined {
  try {
    assertWritable(file);
    return undefined;
  } catch (error) {
    return `the database cannot be used: ${errorText(error)}`;
  }
}

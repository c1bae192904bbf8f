import { realpathSync, type Stats, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** Checks that the files at a path are still the open ones: writes to files without a name are lost. */
export interface OwnFile {
  /** Checks the files, and returns the problem, or `undefined`. A problem may pass. */
  check(): string | undefined;
  /** What the last check returned. */
  problem(): string | undefined;
  /** Takes the present log for the open one: the connection has created it again. */
  renewLog(): void;
}

/** The files of a database: itself, the write-ahead log, and the index of the log that its processes share. */
interface Found {
  readonly file: Stats | undefined;
  readonly log: Stats | undefined;
  readonly index: Stats | undefined;
}

/** Bytes before the first frame of a write-ahead log, and before the page in each frame. */
const LOG_HEAD_BYTES = 32;
const FRAME_HEAD_BYTES = 24;
/** How often a log that seems to be too short is measured, since another process may be emptying it. */
const MEASURES = 3;

/**
 * Knows the files by device and inode. They are never opened beside SQLite: to close one would drop the locks that this
 * process holds. Files that are back at their path are accepted only if nothing was written to them meanwhile: another
 * process may have used them under another name, with a log of its own.
 */
export function createOwnFile(file: string, client: Database): OwnFile {
  // SQLite keeps the log beside the file itself, not beside a link to it.
  const path = realpathSync(file);
  const find = (): Found => ({ file: statOf(file), log: statOf(`${path}-wal`), index: statOf(`${path}-shm`) });
  let good = find();
  let problem: string | undefined;

  function problemOf(found: Found): string | undefined {
    if (!isSame(good.file, found.file)) return 'the database file was moved, replaced or deleted';
    // SQLite makes both for the first transaction, and keeps them as long as somebody has the database open.
    if (good.log && !isSame(good.log, found.log)) return 'the -wal file of the database was moved, replaced or deleted';
    if (good.index && !isSame(good.index, found.index))
      return 'the -shm file of the database was moved, replaced or deleted';
    if (problem !== undefined && isWritten(good, found)) return isFinal(problem) ? problem : WRITTEN;
    // A file that another process has vacuumed is smaller, and has fewer pages.
    if (isShorter(good.file, found.file) && sizeOf(found.file) < neededSize(client))
      return `the database file ${CUT_SHORT}`;
    if (isShorter(good.log, found.log) && isCutShort(`${path}-wal`, client))
      return `the -wal file of the database ${CUT_SHORT}`;
    return undefined;
  }

  return {
    check() {
      const found = find();
      problem = problemOf(found);
      // A log that is shorter is measured outside of transactions.
      const isMeasured = !client.inTransaction || !isShorter(good.log, found.log);
      if (problem === undefined && isMeasured) good = found;
      return problem;
    },
    problem: () => problem,
    renewLog() {
      good = { ...good, log: undefined, index: undefined };
    },
  };
}

const CUT_SHORT = 'was cut short';
const WRITTEN = 'the database was written while it was under another name; restart the service';
const isFinal = (problem: string): boolean => problem.endsWith(CUT_SHORT);

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    // A part of its path is a file by now, or may not be looked into.
    return undefined;
  }
}

const sizeOf = (it: Stats | undefined): number => it?.size ?? 0;
const isShorter = (before: Stats | undefined, now: Stats | undefined): boolean => sizeOf(now) < sizeOf(before);
const isSame = (a: Stats | undefined, b: Stats | undefined): boolean => a?.ino === b?.ino && a?.dev === b?.dev;
const isWritten = (before: Found, now: Found): boolean =>
  (['file', 'log'] as const).some(
    (it) => before[it] && (before[it].size !== now[it]?.size || before[it].mtimeMs !== now[it].mtimeMs),
  );

/** How large the file has to be for its pages, in bytes. */
function neededSize(client: Database): number {
  try {
    return pragma(client, 'page_count') * pragma(client, 'page_size');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether a log does not have all the frames that its index knows. Another process may empty it at any moment. */
function isCutShort(log: string, client: Database): boolean {
  if (client.inTransaction) return false;
  for (let measured = 0; measured < MEASURES; measured++) {
    const needed = neededLogSize(client);
    if (sizeOf(statOf(log)) >= needed) return false;
  }
  return true;
}

/** How large the log has to be for its frames, in bytes; 0 where that cannot be known. */
function neededLogSize(client: Database): number {
  try {
    // Reads the index only: NOOP is a checkpoint that checkpoints nothing.
    const [{ log }] = client.pragma('wal_checkpoint(NOOP)') as [{ log: number }];
    return log > 0 ? LOG_HEAD_BYTES + log * (FRAME_HEAD_BYTES + pragma(client, 'page_size')) : 0;
  } catch {
    return 0;
  }
}

const pragma = (client: Database, name: string): number => client.pragma(name, { simple: true }) as number;

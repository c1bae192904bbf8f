import { type Stats, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** Whether the file at a path is still the one that is open: what is written to another is found by nobody. */
export interface OwnFile {
  /** What is wrong, by a look at the file and at its log; `undefined` when all is well. It may become well again. */
  check(): string | undefined;
  /** What the last check said. */
  problem(): string | undefined;
}

/**
 * Knows the file again by its place on the disk. It is never opened beside SQLite: to close it would drop the locks that
 * this process holds.
 */
export function ownFile(file: string, client: Database): OwnFile {
  const own = statSync(file);
  let ownLog = statOf(`${file}-wal`);
  let { size } = own;
  let problem: string | undefined;

  function look(): string | undefined {
    const found = statOf(file);
    if (!found || !isSame(found, own)) return 'the database file was moved, replaced or deleted';
    // A file that another process has vacuumed is smaller, and has fewer pages.
    if (found.size < size && found.size < neededSize(client)) return 'the database file was cut short';
    size = found.size;
    const log = statOf(`${file}-wal`);
    // SQLite makes it for the first transaction, and keeps it as long as somebody has the database open.
    if (!ownLog) ownLog = log;
    else if (!log || !isSame(log, ownLog)) return 'the -wal file of the database was moved, replaced or deleted';
    return undefined;
  }

  return {
    check() {
      problem = look();
      return problem;
    },
    problem: () => problem,
  };
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    // A part of its path is a file by now, or may not be looked into.
    return undefined;
  }
}

const isSame = (a: Stats, b: Stats): boolean => a.ino === b.ino && a.dev === b.dev;

/** How large the file has to be for its pages, in bytes. */
function neededSize(client: Database): number {
  try {
    const pages = client.pragma('page_count', { simple: true }) as number;
    return pages * (client.pragma('page_size', { simple: true }) as number);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

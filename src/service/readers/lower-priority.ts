import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** Some three turns of the processor for others to one of this thread. */
const NICENESS = 5;

/**
 * Lets the threads of sockets and of the writer run before this one while processors are short. Linux keeps a priority for each
 * thread; where there is none, nothing happens.
 */
export function lowerPriority(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS);
  } catch {
    // Another system, or one that forbids it.
  }
}

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** With less room than this a disk is full, in bytes: it is what a few commits take. */
export const ENOUGH_BYTES = 64 * 1024;

/** How much room the disk of a file has, in bytes; without limit where that cannot be known. */
export function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

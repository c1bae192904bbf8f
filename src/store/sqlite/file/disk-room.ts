import { statfsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorageUse } from '../../store.ts';

/** With less room than this a disk is full, in bytes: it is what a few commits take. */
export const MIN_FREE_BYTES = 64 * 1024;

/** How much room the disk of a file has, in bytes; without limit where that cannot be known. */
export function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Never rejects: a file that is gone takes no room. */
export async function readStorageUse(file: string): Promise<StorageUse> {
  const [database, wal, free] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`), freeIn(dirname(file))]);
  return { database, wal, free };
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

const freeIn = (folder: string): Promise<number> =>
  statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.NaN,
  );

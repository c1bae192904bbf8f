import { statfsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorageUse } from '../../store.ts';

/** A disk with less room than this counts as full: it is what a few commits need. */
export const MIN_FREE_BYTES = 64 * 1024;

/** The free bytes of a file's disk; infinite where that is unknown. */
export function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Never rejects: a missing file takes no room. */
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

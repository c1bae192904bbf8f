import { statfsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorageUse } from '../../store.ts';

/** A disk with less room than this counts as full: it is what a few commits need. */
export const MIN_FREE_BYTES = 64 * 1024;

/** The free bytes of a file's disk; infinite where that is unknown. */
export function freeBytes(file: string): number {
  try {
    return bytesOf(statfsSync(dirname(file)));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Never rejects: a missing file takes no room. */
export async function readStorageUse(file: string): Promise<StorageUse> {
  const free = readFreeBytes(file).catch(() => Number.NaN);
  const [database, wal] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`)]);
  return { database, wal, free: await free };
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** The free bytes of a file's disk, without blocking; rejects where that is unknown. */
export const readFreeBytes = async (file: string): Promise<number> => bytesOf(await statfs(dirname(file)));

const bytesOf = ({ bavail, bsize }: { readonly bavail: number; readonly bsize: number }): number => bavail * bsize;

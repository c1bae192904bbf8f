import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorageUse } from '../../store.ts';

/** Never rejects: a file that is gone takes no room. */
export async function storageUse(file: string): Promise<StorageUse> {
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

import type { StorageUse } from '../../store.ts';
import type { Reader } from '../read/query.ts';

const SIZE = 'select pg_database_size(current_database())';

/** The size of the write-ahead log and the room on the disk are known to the server's own monitoring alone. */
export const readStorageUse = async ({ number }: Reader): Promise<StorageUse> => ({
  database: await number(SIZE, {}),
  wal: Number.NaN,
  free: Number.NaN,
});

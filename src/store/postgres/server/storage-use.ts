import type { StorageUse } from '../../store.ts';
import type { Reader } from '../read/query.ts';

const SIZE = 'select pg_database_size(current_database())';

/** The size of the write-ahead log and the room on the disk are known to the server's own monitoring alone. */
export const readStorageUse = async ({ prepared }: Reader): Promise<StorageUse> => ({
  database: (await prepared(SIZE, {}))[0]?.[0] as number,
  wal: Number.NaN,
  free: Number.NaN,
});

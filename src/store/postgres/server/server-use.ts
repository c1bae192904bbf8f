import type { ServerUse } from '../../store.ts';
import { answeringWithin } from './connection.ts';
import type { Pool } from './pool.ts';

/** Whose standbys a role may not look into, those give it no positions. */
const STANDBYS = `select count(*), count(*) filter (where sync_state in ('sync', 'quorum')),
  bool_or(replay_lsn is null), coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint
  from pg_stat_replication where state is null or state <> 'backup'`;

export const createServerUse =
  (pool: Pool, shortMs: number): (() => Promise<ServerUse>) =>
  () =>
    pool.read(async (connection) => {
      const [row] = (await answeringWithin(shortMs, connection).query({ text: STANDBYS })).rows;
      const [all, synchronous, isHidden, lag] = row as [number, number, boolean | null, number];
      return {
        connections: pool.use(),
        timeline: connection.timeline,
        standbys: { all, synchronous },
        replayLag: isHidden ? Number.NaN : lag,
      };
    });

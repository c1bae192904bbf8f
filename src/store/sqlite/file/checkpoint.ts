import type { Database } from 'better-sqlite3';

/**
 * Brings what stands in the log into the file. The last who closes a file does this anyway; but while another process has
 * it open, nobody would. Whoever reads or writes meanwhile is not waited for.
 */
export function checkpoint(client: Database): void {
  try {
    client.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // The log stays, as it does after a power loss: nothing is lost, and the next who opens the file plays it back.
  }
}

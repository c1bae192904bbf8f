// The service's database as a program of its own would open it: the same durability, one transaction for each update.
import Sqlite from 'better-sqlite3';
import { rawUpdates } from '../raw-update.ts';

export const client = new Sqlite(process.argv[2]);
client.pragma('journal_mode = WAL');
client.pragma('synchronous = FULL');

export const epoch = client.prepare('select epoch from change_log').pluck().get();
export const { update, writeCounts } = rawUpdates(client);

const inTransaction = client.transaction((channel, input) => {
  const updated = update(channel, input);
  writeCounts();
  return updated;
});
export const updateInTransaction = (input) => inTransaction.immediate('GRAPHQL', input);

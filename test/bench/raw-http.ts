// The limit of a single update over HTTP: node:http, the driver and one commit for all updates that arrived in the same turn
// of the event loop.
import type { ServerResponse } from 'node:http';
import Sqlite from 'better-sqlite3';
import { answer, serveRaw } from './raw-server.ts';
import { type RawInput, rawUpdates } from './raw-update.ts';

const client = new Sqlite(process.argv[2]);
client.pragma('journal_mode = WAL');
client.pragma('synchronous = FULL');
const { update, writeCounts } = rawUpdates(client);

const waiting: { readonly input: RawInput; readonly response: ServerResponse }[] = [];
const updateAll = client.transaction((jobs: typeof waiting) => {
  const flats = jobs.map(({ input }) => update('REST', input)?.flat);
  writeCounts();
  return flats;
});

function commit(): void {
  const jobs = waiting.splice(0);
  const flats = updateAll.immediate(jobs);
  jobs.forEach(({ response }, index) => {
    answer(response, flats[index]);
  });
}

serveRaw((input, response) => {
  if (waiting.push({ input, response }) === 1) setImmediate(commit);
});

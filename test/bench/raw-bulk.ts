// The limit of a bulk call: the driver in a loop, 1,000 updates with their log rows in each commit, without HTTP and
// without GraphQL. It walks over the flats as the load does. Arguments: file, flats, seconds to warm up, seconds.
import Sqlite from 'better-sqlite3';
import { placeOf } from './database.ts';
import { rawUpdates } from './raw-update.ts';

const [file, flats = 0, warmup = 0, seconds = 0] = process.argv
  .slice(2)
  .map((it, i) => (i === 0 ? it : Number(it))) as [string, ...number[]];
const client = new Sqlite(file);
client.pragma('journal_mode = WAL');
client.pragma('synchronous = FULL');
const { update, writeCounts } = rawUpdates(client);

let count = 0;
const updateThousand = client.transaction(() => {
  for (let i = 0; i < 1_000; i++, count++) {
    const analog = Math.floor(count / flats) % 2 === 1;
    if (!update('GRAPHQL', { ...placeOf(1 + (count % flats)), analog })) throw new Error('no such flat');
  }
  writeCounts();
});

/** Updates per second. */
function run(seconds: number): number {
  const [start, before] = [performance.now(), count];
  while (performance.now() - start < seconds * 1_000) updateThousand.immediate();
  return ((count - before) * 1_000) / (performance.now() - start);
}

run(warmup);
process.stdout.write(`${JSON.stringify({ perSecond: run(seconds), updates: count })}\n`);
client.close();

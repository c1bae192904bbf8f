// The limit of updates in batches: the driver in a loop, so many updates in each transaction, without HTTP and without
// GraphQL. It walks over the flats as the load does. Arguments: URL, flats, updates a transaction, seconds to warm up, seconds.
import { placeOf } from '../database.ts';
import { openBatches } from './raw-update.ts';

const [, , url = '', ...numbers] = process.argv;
const [flats = 0, size = 0, warmup = 0, seconds = 0] = numbers.map(Number);
const batches = await openBatches(url);

let count = 0;
async function updateBatch(): Promise<void> {
  const inputs = Array.from({ length: size }, (_, i) => {
    const index = count + i;
    return { ...placeOf(1 + (index % flats)), analog: Math.floor(index / flats) % 2 === 1 };
  });
  const updated = await batches.update('GRAPHQL', inputs);
  if (updated.some((it) => it?.seq === undefined)) throw new Error('an update changed nothing');
  count += size;
}

/** Updates per second. */
async function run(seconds: number): Promise<number> {
  const [start, before] = [performance.now(), count];
  while (performance.now() - start < seconds * 1_000) await updateBatch();
  return ((count - before) * 1_000) / (performance.now() - start);
}

await run(warmup);
const perSecond = await run(seconds);
await batches.close();
process.stdout.write(`${JSON.stringify({ perSecond, updates: count })}\n`);

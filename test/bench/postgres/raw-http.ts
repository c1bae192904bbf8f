// The limits of a single update over HTTP on PostgreSQL: node:http and the driver, with one transaction for all updates that
// arrived while the last one was under way (`batches`), or with one for each on a pool (`transactions`). Arguments: URL, kind.
import type { ServerResponse } from 'node:http';
import { answer, serveRaw } from '../raw-server.ts';
import { openBatches, openPool, type RawInput, updateInTransaction } from './raw-update.ts';

const [, , url = '', kind] = process.argv;

if (kind === 'transactions') {
  const pool = openPool(url);
  serveRaw(async (input, response) => answer(response, (await updateInTransaction(pool, 'REST', input))?.flat));
} else {
  const batches = await openBatches(url);
  let waiting: { readonly input: RawInput; readonly response: ServerResponse }[] = [];
  let isBusy = false;

  async function commitAll(): Promise<void> {
    isBusy = true;
    while (waiting.length > 0) {
      const jobs = waiting;
      waiting = [];
      const updated = await batches.update(
        'REST',
        jobs.map((it) => it.input),
      );
      jobs.forEach(({ response }, index) => {
        answer(response, updated[index]?.flat);
      });
      // Those whose answer is sent ask again before the next transaction begins.
      await new Promise(setImmediate);
    }
    isBusy = false;
  }

  serveRaw((input, response) => {
    waiting.push({ input, response });
    if (!isBusy) setImmediate(commitAll);
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { REST_PATH } from '../../src/rest/address.ts';

/** Updates that go on until they are stopped. */
export interface Load extends AsyncDisposable {
  /** How many were acknowledged so far. */
  count(): number;
  /** Resolves once so many more were acknowledged. */
  more(updates: number): Promise<void>;
  /** Ends them, and fails if any was not answered by 200. */
  stop(): Promise<void>;
}

/** Clients that set a line of the flats with the record ids from 1 to `flats`, one update after the other. */
export function underLoad(url: string, flats: number, clients = 4): Load {
  let count = 0;
  let stopped = false;
  const statuses = new Set<number>();
  const client = async (first: number) => {
    for (let i = first; !stopped; i += clients) {
      const response = await fetch(url + REST_PATH, {
        method: 'PATCH',
        body: JSON.stringify({ flat_id: 1 + (i % flats), is_analog_line_available: Math.floor(i / flats) % 2 === 1 }),
      });
      await response.arrayBuffer();
      statuses.add(response.status);
      count++;
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
  const stop = async () => {
    stopped = true;
    await done;
    const bad = [...statuses].filter((it) => it !== 200);
    if (bad.length > 0) throw new Error(`updates were answered by ${bad}`);
  };
  return {
    count: () => count,
    async more(updates) {
      const goal = count + updates;
      while (count < goal) await sleep(1);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { disagreements, fill } from './agreement.ts';
import { callHeavily, createHeavyReport, flatsWith, halves } from './heavy.ts';

const FLATS = 200;
const CLIENTS = 16;

export interface KillReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Calls of many flats and lists that were answered. */
  readonly heavy: number;
  /** Acknowledged updates that are not there after the kill, and flats whose state and log do not agree. */
  readonly losses: readonly string[];
}

/**
 * Kills the server with SIGKILL while clients update flats as fast as they can, beside calls of many flats and lists, again and again
 * on the same database. Each time every acknowledged update must be there, state and log must agree, and nothing may be there by half.
 */
export async function killRounds(rounds: number, onRound: (round: number) => void = () => {}): Promise<KillReport> {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await fill(file, flatsWith(FLATS));
  const heavy = createHeavyReport();
  /** The last acknowledged version of each flat, by record id. */
  const acknowledged = new Map<number, number>();
  const losses: string[] = [];
  let count = 0;

  for (let round = 1; round <= rounds; round++) {
    const [before, heavyBefore] = [count, heavy.answered];
    await using server = await spawnServer(file);
    losses.push(...(await halves(file, heavy)).map((it) => `before round ${round}: ${it}`));
    const heavyCallers = callHeavily(server.url, round, FLATS + 1, heavy);
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      // Each client has flats of its own, so that the versions it is told only grow.
      for (let i = 0; ; i++) {
        const flat_id = 1 + ((client + i * CLIENTS) % FLATS);
        if (flat_id % CLIENTS !== (client + 1) % CLIENTS) continue;
        try {
          const response = await fetch(`${server.url}/api/v1/billing/intercom-flats`, {
            method: 'PATCH',
            body: JSON.stringify({ flat_id, is_analog_line_available: Math.random() < 0.5 }),
          });
          if (response.status !== 200) throw new Error(`status ${response.status}`);
          acknowledged.set(flat_id, Number(response.headers.get('etag')?.slice(1, -1)));
          count++;
          await response.arrayBuffer();
        } catch {
          return;
        }
      }
    });
    // Whatever the machine, some of each kind was answered.
    const isUnderWay = () => count >= before + CLIENTS && heavy.answered > heavyBefore;
    while (!isUnderWay() && heavy.faults.length === 0) await sleep(1);
    await sleep(Math.random() * 250);
    server.child.kill('SIGKILL');
    await server.exit;
    await Promise.all([...clients, heavyCallers.done]);
    losses.push(...disagreements(file, acknowledged).map((it) => `round ${round}: ${it}`));
    onRound(round);
  }
  await using _server = await spawnServer(file);
  losses.push(...(await halves(file, heavy)), ...heavy.faults);
  return { rounds, acknowledged: count, heavy: heavy.answered, losses };
}

import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { REST_PATH } from '../../src/rest/address.ts';
import { rawClient } from '../support/raw-client.ts';
import { rows } from '../support/rows.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { disagreements, fill } from './agreement.ts';
import { callHeavily, createHeavyReport, flatsWith, halves } from './heavy.ts';

const CLIENTS = 16;
/** The longest that a stop may take under this load, in milliseconds, where no call takes long; each call that runs is answered. */
const LONGEST = 5_000;

export interface StopReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Calls of many flats and lists that were answered. */
  readonly heavy: number;
  /** Requests that were sent as a whole, and whose connection was ended in good order instead of an answer. */
  readonly ended: number;
  /** Requests that were sent as a whole on a connection that the kernel reset, since the service never accepted it. */
  readonly resets: number;
  readonly slowestStop: number;
  /** Whatever must not be: lost updates, updates that were done and not answered, a bad end of the process. */
  readonly faults: readonly string[];
}

/**
 * Stops the server with SIGTERM while clients update flats as fast as they can, half of them on kept connections, half
 * with a connection for each request, beside calls of many flats and lists, again and again on the same database.
 */
export async function stopRounds(rounds: number, onRound: (round: number) => void = () => {}): Promise<StopReport> {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  await fill(file, flatsWith(CLIENTS));
  const heavy = createHeavyReport();
  /** The last acknowledged version of each client's flat, by record id. */
  const acknowledged = new Map<number, number>();
  const faults: string[] = [];
  let [count, ended, resets, slowestStop] = [0, 0, 0, 0];

  for (let round = 1; round <= rounds; round++) {
    const [before, heavyBefore] = [count, heavy.answered];
    await using server = await spawnServer(file);
    faults.push(...(await halves(file, heavy)).map((it) => `before round ${round}: ${it}`));
    const heavyCallers = callHeavily(server.url, round, CLIENTS + 1, heavy);
    const clients = Array.from({ length: CLIENTS }, async (_, index) => {
      const flat_id = index + 1;
      using client = rawClient(server.url, index % 2 === 0);
      for (;;) {
        // Every update changes something, so each one that is done makes one version.
        const analog = (acknowledged.get(flat_id) ?? 1) % 2 === 0;
        const body = JSON.stringify({ flat_id, is_analog_line_available: analog });
        const sent = await client.send('PATCH', REST_PATH, body);
        if (sent.kind === 'ended') ended++;
        if (sent.kind === 'reset') {
          resets++;
          if (sent.seen) faults.push(`round ${round}: a connection that was in use was reset`);
        }
        if (sent.kind !== 'answered') return;
        if (sent.status !== 200) faults.push(`round ${round}: an update was answered by ${sent.status}`);
        acknowledged.set(flat_id, Number(/^etag: "(\d+)"/im.exec(sent.head)?.[1]));
        count++;
      }
    });
    // Whatever the machine, some of each kind was answered.
    const isUnderWay = () => count >= before + CLIENTS && heavy.answered > heavyBefore;
    while (!isUnderWay() && heavy.faults.length === 0) await sleep(1);
    await sleep(Math.random() * 250);
    const asked = performance.now();
    server.child.kill('SIGTERM');
    const { code, stderr } = await server.exit;
    slowestStop = Math.max(slowestStop, performance.now() - asked);
    await Promise.all([...clients, heavyCallers.done]);
    const found = disagreements(file, acknowledged);
    for (const { id, version } of versions(file)) {
      if (version > (acknowledged.get(id) ?? 1)) found.push(`flat ${id} was updated without an answer`);
    }
    if (code !== 0 || stderr !== '') found.push(`ended with ${code}: ${stderr}`);
    if (slowestStop > LONGEST + 3 * heavy.slowestMs) found.push(`took ${slowestStop} ms to stop`);
    if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) found.push('left a log beside the database');
    faults.push(...found.map((it) => `round ${round}: ${it}`));
    onRound(round);
  }
  faults.push(...heavy.faults);
  return {
    rounds,
    acknowledged: count,
    heavy: heavy.answered,
    ended,
    resets,
    slowestStop: Math.round(slowestStop),
    faults,
  };
}

const versions = (file: string) =>
  rows(file, 'select id, version from flats where intercom_id = 1') as {
    readonly id: number;
    readonly version: number;
  }[];

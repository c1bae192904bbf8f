import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

// Runs in a thread of its own: what the test does with its own answers must not count.

const { url, pid } = workerData as { readonly url: string; readonly pid: number };
/** What a tick of the processor's clock is, in milliseconds. */
const TICK = 10;
let stopped = false;
parentPort?.once('message', () => {
  stopped = true;
});

/** How long the server's main thread has computed so far, in milliseconds: the others compute beside it. */
function computed(): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

await (await fetch(`${url}/health/live`)).arrayBuffer();
parentPort?.postMessage('ready');
let slowestMs = 0;
while (!stopped) {
  const [begun, before] = [performance.now(), computed()];
  const response = await fetch(`${url}/health/live`);
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
  // On a busy machine a server that does nothing waits, too: what it did not compute is not its own delay.
  slowestMs = Math.max(slowestMs, Math.min(performance.now() - begun, computed() - before + TICK));
  await pause(5);
}
parentPort?.postMessage(Math.round(slowestMs));

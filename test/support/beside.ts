import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What others met while something was served: the longest time until an answer, and the server's memory at its peak. */
export interface Beside {
  readonly slowestMs: number;
  readonly peakMegabytes: number;
}

/** Asks whether the server lives, again and again, until `work` is done; the server is a process of its own. */
export async function beside(url: string, pid: number | undefined, work: Promise<unknown>): Promise<Beside> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  let slowestMs = 0;
  while (!done) {
    const begun = performance.now();
    const response = await fetch(`${url}/health/live`);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    await pause(5);
  }
  await end;
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { slowestMs: Math.round(slowestMs), peakMegabytes: Math.round(Number(kilobytes) / 1024) };
}

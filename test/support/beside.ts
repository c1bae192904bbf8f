import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';

/** What others met while something was served: the longest time until an answer, and the server's memory at its peak. */
export interface Beside {
  /** As far as the server computed in that time. */
  readonly slowestMs: number;
  readonly peakMegabytes: number;
}

/** What others may meet at the most. */
export const nobodyHeldUp = (megabytes = 600, ms = 500): Beside => ({
  slowestMs: expect.toSatisfy((it: number) => it < ms),
  peakMegabytes: expect.toSatisfy((it: number) => it < megabytes),
});

/** Asks whether the server lives, again and again, while `work` is done; the server is a process of its own. */
export async function beside(url: string, pid: number | undefined, work: () => Promise<unknown>): Promise<Beside> {
  const probe = new Worker(new URL('probe.ts', import.meta.url), { workerData: { url, pid } });
  await once(probe, 'message');
  await work();
  probe.postMessage('stop');
  const [slowestMs] = await once(probe, 'message');
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { slowestMs, peakMegabytes: Math.round(Number(kilobytes) / 1024) };
}

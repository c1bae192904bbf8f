import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so; a test that waits in vain fails by its own time limit. */
export async function until(isSo: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await isSo())) await sleep(everyMs);
}

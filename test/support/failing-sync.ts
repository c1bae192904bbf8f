import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FailingSync {
  /** The environment of a process whose syncs can be made to fail. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes so many of the next syncs fail; 0 makes them work again. */
  fail(times: number): void;
}

/** Builds a library that is preloaded into a process; needs `cc`. */
export function failingSync(folder: string): FailingSync {
  const library = join(folder, 'failing-sync.so');
  const counter = join(folder, 'failing-sync');
  const source = fileURLToPath(new URL('failing-sync.c', import.meta.url));
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const fail = (times: number) => writeFileSync(counter, String(times).padEnd(12));
  fail(0);
  return { env: { LD_PRELOAD: library, FAILING_SYNC: counter }, fail };
}

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

/** How long the disk takes to sync a page of 4 KiB, in milliseconds: the floor under every single commit. */
export function fsyncTimes(file: string, count: number): readonly number[] {
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4_096);
  const times = Array.from({ length: count }, () => {
    const begun = performance.now();
    writeSync(descriptor, page);
    fdatasyncSync(descriptor);
    return performance.now() - begun;
  });
  closeSync(descriptor);
  return times;
}

import { spawnSync } from 'node:child_process';
import { tempFolder } from './temp-folder.ts';

/** A file system of a few kilobytes, as full as a test wants it; `undefined` where this user may not mount one. */
export async function smallDisk(kilobytes: number): Promise<Awaited<ReturnType<typeof tempFolder>> | undefined> {
  const folder = await tempFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder.path]);
  if (mounted.status !== 0) {
    await folder[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    ...folder,
    async [Symbol.asyncDispose]() {
      spawnSync('umount', [folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

import { spawnSync } from 'node:child_process';
import { it } from 'vitest';

/** A test that uses a program which npm does not bring along; without it, it says that it was skipped, and why. */
export const itNeeds = (program: string, debianPackage: string) =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
    ? it
    : (name: string, _body: () => Promise<void>) =>
        it(`${name} (skipped: ${program} is not installed; apt-get install ${debianPackage})`, (context) =>
          context.skip());

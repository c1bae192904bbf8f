import { spawnSync } from 'node:child_process';
import { it, type TestContext } from 'vitest';
import { STORE } from './start.ts';

/** A test that uses programs which npm does not bring along; without them, it says that it was skipped, and why. */
export const itNeeds = (programs: string, debianPackages: string) =>
  programs.split(' ').every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0)
    ? it
    : (name: string, _body: (context: TestContext) => Promise<void>) =>
        it(`${name} (skipped: no ${programs}; apt-get install ${debianPackages})`, (context) => context.skip());

/** A test of what only a file has: its size, its name, the room on its disk. */
export const itOnFile = it.skipIf(STORE === 'postgres');

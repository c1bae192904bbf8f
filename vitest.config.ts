import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/support/compile-cache.ts';
import { memoryFolder } from './test/support/memory-folder.ts';

// Workers inherit both. Each loads the whole service and removes the types of some 400 files, and each test syncs files of its own.
Object.assign(process.env, COMPILE_CACHE, memoryFolder());

/**
 * What runs on PostgreSQL with `STORE=postgres`. Elsewhere tests are about files (backups, disks, power losses, the commands of
 * operators, which `test/postgres` runs), about pages, or about rules that know no store.
 */
const ON_POSTGRES = [
  ...['graphql', 'rest', 'feed', 'http', 'clients', 'operations', 'import'].map((it) => `test/${it}/**/*.test.ts`),
  ...['test/door-parity.test.ts', 'test/storage-busy.test.ts'],
  ...['test/postgres/*.test.ts', 'test/store/postgres.test.ts'],
];

export default defineConfig({
  test: {
    include: process.env['STORE'] === 'postgres' ? ON_POSTGRES : ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-once.ts'],
    // For what hangs, and so the same everywhere: on a busy machine a process takes many times as long to start.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Many tests wait for processes that they start: four workers keep two cores busy for 82 % of the time.
    maxWorkers: 4,
    // Each test opens a world of its own, so the files need not each load every module anew.
    isolate: false,
    // Tests run the code as Node does in production. Vite's own loader would bring a second copy of graphql along.
    experimental: { viteModuleRunner: false },
  },
});

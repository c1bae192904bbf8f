import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/support/compile-cache.ts';

// Workers inherit it: each loads the whole service and removes the types of some 400 files.
Object.assign(process.env, COMPILE_CACHE);

/** What needs no SQLite file, and runs on PostgreSQL with `STORE=postgres`. */
const ON_POSTGRES = [
  ...['cop', 'faults', 'limits', 'lists', 'requests', 'without-values'].map((it) => `test/graphql/${it}.test.ts`),
  ...['local-only', 'rate-limits', 'scopes'].map((it) => `test/http/${it}.test.ts`),
  ...['shared-events', 'ways'].map((it) => `test/feed/${it}.test.ts`),
  ...['test/postgres/*.test.ts', 'test/store/postgres.test.ts'],
];

export default defineConfig({
  test: {
    include: process.env['STORE'] === 'postgres' ? ON_POSTGRES : ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-once.ts'],
    testTimeout: 30_000,
    // Many tests wait for processes that they start: on two cores three workers took 194 s, and two took 238 s.
    maxWorkers: 3,
    // Each test opens a world of its own, so the files need not each load every module anew.
    isolate: false,
    // Tests run the code as Node does in production. Vite's own loader would bring a second copy of graphql along.
    experimental: { viteModuleRunner: false },
  },
});

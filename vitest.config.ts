import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Many tests wait for processes that they start, so one core is left with nothing to do otherwise.
    maxWorkers: 2,
    // Each test opens a world of its own, so the files need not each load every module anew.
    isolate: false,
    // Tests run the code as Node does in production. Vite's own loader would bring a second copy of graphql along.
    experimental: { viteModuleRunner: false },
  },
});

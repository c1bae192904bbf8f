import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Many tests wait for processes that they start: on two cores three workers took 194 s, and two took 238 s.
    maxWorkers: 3,
    // Each test opens a world of its own, so the files need not each load every module anew.
    isolate: false,
    // Tests run the code as Node does in production. Vite's own loader would bring a second copy of graphql along.
    experimental: { viteModuleRunner: false },
  },
});

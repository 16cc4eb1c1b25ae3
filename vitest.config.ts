import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,apps,tests}/*/src/**/*_test.ts'],
    globalSetup: ['tests/support/src/global_setup.ts'],
    pool: 'forks',
    // by itself vitest leaves one core idle, of two as well, and most tests wait for processes of their own
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

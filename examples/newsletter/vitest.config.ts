import { defineConfig } from 'vitest/config';

import { PATIENCE_MS } from './test/support/patience.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/install-redis.ts'],
    maxWorkers: 2,
    testTimeout: 2 * PATIENCE_MS,
    hookTimeout: 5 * PATIENCE_MS,
  },
});

import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

import { systemPath } from '../src/standin/redis-binary.ts';
import { HOOK_TIMEOUT_MS, PATIENCE_MS, TEST_TIMEOUT_MS } from './support/patience.ts';
import { SkipReporter } from './support/skip-reporter.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/install-redis.ts'],
    setupFiles: ['test/support/fixed-seed.ts'],
    // With nothing on the PATH but Node and npm, `ps` and what installs a browser are still there.
    env: { PATH: systemPath() },
    // Most tests wait for processes and sockets rather than for a core.
    maxWorkers: 4,
    reporters: ['default', new SkipReporter()],
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: HOOK_TIMEOUT_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 20 } },
  },
});

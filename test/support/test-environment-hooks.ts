import { afterAll, beforeEach } from 'vitest';

import { TestEnvironment } from './test-environment.ts';

/** A TestEnvironment for the tests of a file, as at its start before each of them. */
export async function testEnvironment(...others: readonly string[]): Promise<TestEnvironment> {
  const scene = await TestEnvironment.start(...others);
  afterAll(async () => {
    await scene.stop();
  });
  beforeEach(async () => {
    await scene.reset();
  });
  return scene;
}

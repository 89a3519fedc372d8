import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long a test waits for what has to happen at all. It is the only such figure of the suite: a machine whose cores
 * are taken makes a test slow, not red. How soon something happens is asserted by what it stands for, never by this.
 */
export const PATIENCE_MS = 60_000;

/** A whole test waits for several things, and a hook may have to start several servers. */
export const TEST_TIMEOUT_MS = 2 * PATIENCE_MS;
export const HOOK_TIMEOUT_MS = 3 * PATIENCE_MS;

/** For calls that take a signal: ends them when the test has waited long enough. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS);
}

/** Polls until it holds; throws with what is awaited when patience ends. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not so within ${PATIENCE_MS} ms: ${holds.toString()}`);
    await delay(10);
  }
}

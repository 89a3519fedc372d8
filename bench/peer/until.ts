import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when `holds` does; throws after `limitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`not reached within ${limitMs / 1000} s: ${String(holds)}`);
    await delay(50);
  }
}

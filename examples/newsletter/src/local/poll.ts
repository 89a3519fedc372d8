import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;

/** Calls `ask` until it returns a value. Throws if it returns none within `withinMs`. */
export async function poll<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await delay(EVERY_MS);
  }
}

import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;

/** Calls `ask` until it returns a value. Throws if it returns none within `withinMs`, and when the signal aborts. */
export async function poll<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await delay(EVERY_MS);
  }
}

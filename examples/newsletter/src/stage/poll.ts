import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;

/** Asks until there is an answer. Throws when there is none within `withinMs`. */
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

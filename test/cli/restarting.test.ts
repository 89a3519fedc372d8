import { expect, test } from 'vitest';

import { restarting } from '../../src/cli/restarting.ts';

test('a loop that ends unexpectedly is logged without its message and starts again until it is stopped', async () => {
  const stop = new AbortController();
  const logged: string[] = [];
  const slept: number[] = [];
  let runs = 0;
  await restarting(
    async () => {
      runs += 1;
      if (runs < 3) throw new TypeError('with a secret');
      stop.abort();
    },
    {
      logger: { error: (line: string) => void logged.push(line) },
      clock: { sleep: async (ms) => void slept.push(ms) },
      signal: stop.signal,
    },
  );
  expect([runs, slept]).toEqual([3, [10_000, 10_000]]);
  expect(logged[0]).toContain('loop ended; starting again in 10 s. drover: unexpected TypeError');
  expect(logged.join()).not.toContain('secret');
});

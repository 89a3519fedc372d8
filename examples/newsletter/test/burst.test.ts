import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { runBurst } from '../src/local/burst.ts';
import { originRule } from '../src/local/origin-rule.ts';
import { parseProcfile } from '../src/local/procfile.ts';
import { PATIENCE_MS } from './support/patience.ts';

test(
  'Drover scales the workers up and down while each e-mail of a burst is delivered once',
  async () => {
    let last = 0;
    const result = await runBurst({
      mails: 450,
      scaling: 'drover',
      signal: AbortSignal.timeout(3 * PATIENCE_MS),
      say: () => {},
      onProgress: (delivered) => {
        last = delivered;
      },
    });
    expect(result).toMatchObject({ twice: 0, kills: 0 });
    expect(result.mostDynos).toBeGreaterThanOrEqual(4);
    // All of the burst and of the trickle beside it may wait at once, and one task that makes the burst.
    expect(result.mostDynos).toBeLessThanOrEqual(Math.ceil((451 + result.trickled) / 100));
    expect(last).toBe(450);
    expect(result.trickled).toBeGreaterThan(10);
    // The mail server and the app measure the same time: from the request to the last e-mail.
    const recordedMs = (result.recordedSeconds ?? 0) * 1000;
    expect(recordedMs).toBeGreaterThan(result.deliveredMs / 2);
    expect(recordedMs).toBeLessThan(2 * result.deliveredMs);
    expect(result.dynoSeconds).toBeGreaterThan((3 * result.deliveredMs) / 1000);
  },
  4 * PATIENCE_MS,
);

const rows = [
  { name: 'nothing waits', waiting: 0, workers: 3 },
  { name: 'fewer than its minimum', waiting: 299, workers: 3 },
  { name: 'the result is rounded down', waiting: 1099, workers: 10 },
  { name: 'more than its maximum', waiting: 10_000, workers: 50 },
];
test.each(rows)('the ten-minute rule: $name', ({ waiting, workers }) => {
  expect(originRule(waiting)).toBe(workers);
});

test('the Procfile has the process types that run locally', async () => {
  const procfile = parseProcfile(await readFile(new URL('../Procfile', import.meta.url), 'utf8'));
  expect([...procfile.keys()].toSorted()).toEqual(['clock', 'release', 'web', 'worker']);
  expect(procfile.get('clock')).toEqual(['drover', 'run']);
  expect(() => parseProcfile('web node dist/web.js')).toThrow(Error);
});

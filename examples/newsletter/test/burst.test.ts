import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { runBurst } from '../src/local/burst.ts';
import { originRule } from '../src/local/origin-rule.ts';
import { parseProcfile } from '../src/local/procfile.ts';

test('Drover scales the workers up and down while each e-mail of a burst is delivered once', async () => {
  let last = 0;
  const result = await runBurst({
    mails: 450,
    scaling: 'drover',
    signal: AbortSignal.timeout(60_000),
    say: () => {},
    onProgress: (delivered) => {
      last = delivered;
    },
  });
  expect(result).toMatchObject({ twice: 0, kills: 0 });
  expect(result.mostDynos).toBeGreaterThanOrEqual(4);
  expect(result.mostDynos).toBeLessThanOrEqual(5);
  expect(last).toBe(450);
  expect(result.trickled).toBeGreaterThan(10);
  // The mail server and the app measure the same time: from the request to the last e-mail.
  expect(Math.abs((result.recordedSeconds ?? 0) * 1000 - result.deliveredMs)).toBeLessThan(1000);
  expect(result.dynoSeconds).toBeGreaterThan((3 * result.deliveredMs) / 1000);
}, 90_000);

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

import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { playBurst } from '../src/stage/burst.ts';
import { originRule } from '../src/stage/origin-rule.ts';
import { parseProcfile } from '../src/stage/procfile.ts';

test('a burst is delivered once to everybody while Drover adds workers and takes them away again', async () => {
  let last = 0;
  const result = await playBurst({
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
  // The mail server's measure and the app's own are one: from the request to the last e-mail.
  expect(Math.abs((result.recordedSeconds ?? 0) * 1000 - result.deliveredMs)).toBeLessThan(1000);
  expect(result.dynoSeconds).toBeGreaterThan((3 * result.deliveredMs) / 1000);
}, 90_000);

const looks = [
  { name: 'nothing waits', waiting: 0, workers: 3 },
  { name: 'fewer than its minimum', waiting: 299, workers: 3 },
  { name: 'a rest is cut off', waiting: 1099, workers: 10 },
  { name: 'more than its maximum', waiting: 10_000, workers: 50 },
];
test.each(looks)('the rule it is measured against: $name', ({ waiting, workers }) => {
  expect(originRule(waiting)).toBe(workers);
});

test('the Procfile has what the stage runs', async () => {
  const procfile = parseProcfile(await readFile(new URL('../Procfile', import.meta.url), 'utf8'));
  expect([...procfile.keys()].toSorted()).toEqual(['clock', 'release', 'web', 'worker']);
  expect(procfile.get('clock')).toEqual(['drover', 'run']);
  expect(() => parseProcfile('web node dist/web.js')).toThrow(Error);
});

import { expect, test } from 'vitest';

import { PARSERS } from '../support/fuzz/parsers.ts';

/** `npm run bench:fuzz` makes thousands of them. */
const RUNS = 200;

test.each(PARSERS)('nothing hostile gets through: $name', async ({ fuzz }) => {
  expect(await fuzz({ numRuns: RUNS })).toEqual({ inputs: RUNS, broken: undefined });
});

test('there are parsers', () => {
  expect(PARSERS.length).toBeGreaterThan(15);
});

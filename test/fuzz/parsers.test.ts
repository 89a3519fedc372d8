import { expect, test } from 'vitest';

import { PARSERS } from '../support/fuzz/parsers.ts';

/** `npm run bench -- fuzz` makes thousands of them. */
const RUNS = 200;

test.each(PARSERS)('nothing hostile gets through: $name', async ({ fuzz }) => {
  const { inputs, accepted, broken } = await fuzz({ numRuns: RUNS });
  expect([inputs, broken]).toEqual([RUNS, undefined]);
  // One that takes nothing is a search that sees nothing.
  expect(accepted).toBeGreaterThan(RUNS / 40);
});

test('there are parsers', () => {
  expect(PARSERS.length).toBeGreaterThan(15);
});

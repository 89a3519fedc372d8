import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { PARSERS } from '../support/fuzz/parsers.ts';

/** `npm run bench:fuzz` makes thousands of them. */
const RUNS = 200;

test.each(PARSERS)('nothing hostile gets through: $name', async ({ property }) => {
  await fc.assert(property, { numRuns: RUNS });
});

test('there are parsers', () => {
  expect(PARSERS.length).toBeGreaterThan(15);
});

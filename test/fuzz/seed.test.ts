import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { SEED } from '../support/fixed-seed.ts';
import { hostileText } from '../support/fuzz/hostile.ts';

test('every search of the suite has the same seed', () => {
  const search = fc.check(fc.property(fc.nat(), () => true));
  const again = fc.check(fc.property(hostileText, () => true));
  expect([search.seed, again.seed]).toEqual([SEED, SEED]);
  expect(fc.sample(hostileText, 20)).toEqual(fc.sample(hostileText, 20));
});

import { expect, test } from 'vitest';

import { soak } from '../support/faults/soak.ts';

test('two clocks under random faults break nothing that must hold', async () => {
  const { ticks, writes, faults, violations } = await soak({ rounds: 120, seed: 20_261_121 });
  expect(violations).toEqual([]);
  expect(ticks).toBeGreaterThanOrEqual(240);
  expect(writes).toBeGreaterThan(20);
  expect(faults.size).toBeGreaterThan(10);
});

import { expect, test } from 'vitest';

import { soak } from '../../bench/scale-down/soak.ts';
import { PATIENCE_MS } from '../support/patience.ts';

test('scale-downs over real worker processes that cooperate touch no job', async () => {
  const { scaleDowns, dynosRemoved, jobs, ...harm } = await soak({
    level: 'cooperating',
    concurrency: 5,
    processTypes: 3,
    lengthMs: 10_000,
    scale: 0.05,
    seed: 1,
    slackMs: PATIENCE_MS,
  });
  expect(harm).toMatchObject({ sigkills: 0, runTwice: 0, stalled: 0, failed: 0, lost: 0 });
  expect(scaleDowns).toBeGreaterThan(0);
  expect(dynosRemoved).toBeGreaterThan(0);
  expect(jobs).toBeGreaterThan(20);
});

import { expect, test } from 'vitest';

import { soak } from '../../bench/scale-down/soak.ts';
import { PATIENCE_MS } from '../support/patience.ts';

test('scale-downs over real worker processes that cooperate touch no job', async () => {
  const { result, log } = await soak({
    level: 'cooperating',
    concurrency: 5,
    processTypes: 3,
    until: { ms: 10_000 },
    scale: 0.05,
    seed: 1,
    slackMs: PATIENCE_MS,
  });
  expect(log.harms).toEqual([]);
  expect(result).toMatchObject({ killedIdle: 0, killed: 0, runTwice: 0, failed: 0, lost: 0 });
  expect(result.scaleDowns).toBeGreaterThan(0);
  expect(result.removed).toBeGreaterThan(0);
  expect(result.jobs).toBeGreaterThan(20);
  expect(log.runs).toHaveLength(result.jobs);
});

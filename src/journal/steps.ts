import type { Stage, Step } from '../core/types.ts';

/** Stages whose count is a number of workers; those before them count jobs. */
const COUNTS_WORKERS: ReadonlySet<Stage> = new Set([
  'sizing',
  'bounds',
  'peak hold',
  'step limit',
  'protection',
]);

/** The stage that determined the result: the last one that changed the number of workers. */
export function boundBy(steps: readonly Step[]): Stage {
  let bound: Stage = 'sizing';
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (before && COUNTS_WORKERS.has(before.stage) && before.count !== step.count) bound = step.stage;
  });
  return bound;
}

import type { Decision, Observation, Policy, Step } from './types.ts';

/** A quantity of dynos, and any other number of whole things. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether every number in a value is finite, as JSON wants it: of others it makes null. */
export function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isFiniteThroughout);
}

const NONSENSE = 'a number that was read or set makes no sense';

/**
 * The decision where none can be calculated: what is there stays, and no less than the minimum. Without a quantity to
 * stay at, the minimum is all that is known. Demand and forecast leave no step: unknown is not zero.
 */
export function unchangedDecision({ min, max }: Policy, { quantity }: Observation): Decision {
  const least = [min, max].every(isCount) ? Math.min(min, max) : 0;
  const from = isCount(quantity) ? quantity : least;
  const to = Math.max(from, least);
  const stages: readonly Step['stage'][] = ['bounds', 'peak hold', 'step limit', 'protection'];
  return {
    from,
    to,
    reason: `${NONSENSE}: ${to === from ? `hold at ${to}` : `${from} → ${to}`}`,
    steps: [
      { stage: 'sizing', count: from, note: NONSENSE },
      ...stages.map((stage) => ({ stage, count: to })),
    ],
  };
}

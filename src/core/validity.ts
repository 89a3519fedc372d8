import type { Decision, Observation, Policy, Step } from './types.ts';

/** A quantity, or any other whole number from 0 on. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether every number in a value is finite: JSON turns others into null. */
export function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isFiniteThroughout);
}

const NONSENSE = 'a value that was read or set is out of range';

/**
 * The decision where none can be calculated: the quantity stays, raised to the minimum. Without a valid quantity, the
 * minimum is all that is known. Demand and forecast leave no step: unknown is not zero.
 */
export function unchangedDecision({ min, max }: Policy, { quantity }: Observation): Decision {
  const least = [min, max].every(isCount) ? Math.min(min, max) : 0;
  const from = isCount(quantity) ? quantity : least;
  const to = Math.max(from, least);
  const stages: readonly Step['stage'][] = ['bounds', 'peak hold', 'step limit', 'protection'];
  return {
    from,
    to,
    needed: from,
    limited: to,
    reason: `${NONSENSE}: ${to === from ? `stay at ${to}` : `${from} → ${to}`}`,
    steps: [
      { stage: 'sizing', count: from, note: NONSENSE },
      ...stages.map((stage) => ({ stage, count: to })),
    ],
  };
}

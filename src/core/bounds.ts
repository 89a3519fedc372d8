import type { Policy, Step } from './types.ts';

/** The minimum and maximum have the last word on the way up: a minimum above the quantity is set at once. */
export function boundsStep(policy: Policy, count: number): Step {
  const { min, max, boundsNote } = policy;
  return { stage: 'bounds', count: clamp(count, min, max), note: boundsNote ?? `${min} to ${max}` };
}

/** Step limits slow changes down; the bounds are a promise. Where they disagree, the bounds win. */
export function limitedStep({ min, max, maxStepUp, maxStepDown }: Policy, from: number, count: number): Step {
  const limited = clamp(count, from - (maxStepDown ?? Infinity), from + (maxStepUp ?? Infinity));
  return { stage: 'step limit', count: clamp(limited, min, max) };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

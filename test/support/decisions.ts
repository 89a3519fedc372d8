import {
  decide,
  initialMemory,
  type Observation,
  type Policy,
  type QueueObservation,
} from '../../src/index.ts';
import { queue } from './ports.ts';

export const backlogRule: Policy = {
  sizing: { kind: 'backlog', jobsPerWorker: 100 },
  min: 0,
  max: 50,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};
export const waitRule: Policy = { ...backlogRule, sizing: { kind: 'wait', maxWaitMs: 60_000 }, max: 500 };

/** A reading of one queue. */
export function seen(
  quantity: number,
  overrides: Partial<QueueObservation> = {},
  rest: Partial<Observation> = {},
): Observation {
  return { at: 1_000_000, quantity, queues: [queue(overrides)], ...rest };
}

/** Decided with nothing remembered but that the quantity was 0 long ago, so that no peak holds. */
export function to(policy: Policy, observation: Observation): number {
  return decide(policy, initialMemory(policy, 0, 0), observation).decision.to;
}

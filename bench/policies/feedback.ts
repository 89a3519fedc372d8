import { decide } from '../../src/core/decide.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import type { Policy } from '../../src/core/types.ts';
import { EPOCH_MS, type Controller } from '../../src/sim/index.ts';

export const FEEDBACK = 'six-line feedback';

/** The share of late jobs that it aims at, and how much of the whole wait it moves by at once. */
const AIM = 0.02;
const GAIN = 4 / 60;

/**
 * The simplest feedback on the wait, as a floor for the calibrated one: `decide` without a calibration of its own, given a
 * wait between half and all of what is allowed, less by 4 s of 60 at each tick that finds a job waiting too long, and more
 * by a fiftieth of that at each other tick that finds one waiting. Workers are named.
 */
export function feedbackController(policy: Policy, maxWaitMs: number): Controller {
  let planned = maxWaitMs;
  let memory: Memory | undefined;
  return {
    name: FEEDBACK,
    everyMs: policy.tickMs,
    min: policy.min,
    max: policy.max,
    tick(simulation) {
      const at = EPOCH_MS + simulation.at;
      const { quantity } = simulation.workers;
      const queues = simulation.observe(policy.bootMs + policy.tickMs, EPOCH_MS);
      const oldest = Math.min(...queues.map(({ oldestReadyAt = Infinity }) => oldestReadyAt));
      if (oldest < Infinity) {
        const late = at - oldest > maxWaitMs ? 1 : 0;
        planned = Math.max(maxWaitMs / 2, Math.min(maxWaitMs, planned + GAIN * maxWaitMs * (AIM - late)));
      }
      const own = { ...policy, sizing: { kind: 'wait' as const, maxWaitMs: planned } };
      const busyOrdinal = Math.max(0, ...simulation.holders().keys());
      const observation = { at, quantity, queues, busyOrdinal, unattributed: 0 };
      const decided = decide(own, memory ?? initialMemory(own, quantity, at), observation);
      // What `decide` has learned of late jobs would calibrate the wait too.
      memory = { ...decided.memory, lateness: undefined };
      simulation.resize(decided.decision.to);
    },
  };
}

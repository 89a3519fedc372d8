import assert from 'node:assert/strict';
import { HEROKU } from '../../../src/adapters/heroku/platform.ts';
import { beliefsOf } from '../../../src/core/beliefs.ts';
import { decide } from '../../../src/core/decide.ts';
import { initialMemory } from '../../../src/core/memory.ts';
import type { Policy, QueueObservation } from '../../../src/core/types.ts';
import { describeHold } from '../../../src/reporting/describe.ts';
import { plan } from '../../../src/control/plan.ts';
import type { Remembered } from '../../../src/ports.ts';
import { T0 } from '../entries.ts';
import { backlog, cedar, processType } from '../ports.ts';
import { assertText } from './check.ts';

const POLICY: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000, jobsPerWorker: 100 },
  min: 1,
  max: 50,
  concurrency: 5,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};
export function assertDecides(
  queues: readonly QueueObservation[],
  memory = initialMemory(POLICY, 7, T0),
): void {
  const { decision, memory: after } = decide(POLICY, memory, { at: T0 + 10_000, quantity: 7, queues });
  const held = Math.max(POLICY.max, 7);
  assert.ok(
    Number.isInteger(decision.to) && decision.to >= POLICY.min && decision.to <= held,
    String(decision.to),
  );
  assertText(decision.reason);
  assert.ok(JSON.stringify(after).length < 20_000, 'a memory without bounds');
  for (const { count } of decision.steps) assert.ok(Number.isFinite(count), 'a step without a count');
}

/** The same through the pure part of a tick, with all that is believed beside the queues. */
export function assertPlans(queues: readonly QueueObservation[], remembered: Remembered): void {
  const settings = processType({
    min: 2,
    max: 20,
    maxWaitMs: 60_000,
    concurrency: undefined,
    bootMs: undefined,
  });
  const seen = {
    backlog: backlog({ queues }),
    formation: {
      processType: 'worker',
      quantity: 7,
      size: 'x',
      others: new Map([['web', 1]]),
      readAt: T0,
      naming: cedar('worker', new Map([['web', 1]])),
    },
    workers: { reports: [] },
    pause: undefined,
    notBeforeMs: 0,
  };
  const { decision, hold } = plan(
    { at: T0 + 10_000, tickMs: 10_000, platform: HEROKU },
    settings,
    seen,
    remembered,
  );
  assert.ok(Number.isInteger(decision.to) && decision.to >= 2 && decision.to <= 20, String(decision.to));
  if (hold) assertText(describeHold(hold));
  for (const { words, ends } of beliefsOf(remembered, 60_000, T0 + 10_000)) assertText(words + ends);
}

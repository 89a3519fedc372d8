import { boundsStep, limitedStep } from './bounds.ts';
import { excuseLateness, keptLateness, observeLateness } from './calibration.ts';
import { updateCapacity, type Capacity } from './capacity.ts';
import { demandOf } from './demand.ts';
import { sizeExpecting } from './expected.ts';
import { learn, type Learned } from './learn.ts';
import type { Memory } from './memory.ts';
import {
  MOST_QUEUE_GROUPS,
  mergeOverflowQueues,
  type QueueDemand,
  type QueueGroup,
} from './overflow-queues.ts';
import { peakHoldStep, rememberPeak, type Peaks } from './peak-hold.ts';
import type { Work } from './reason.ts';
import { observeNeeds, reserveOf, type Needs } from './reserve.ts';
import { sumOf } from './sum.ts';
import type { Decision, Observation, Policy, Step } from './types.ts';

/** What is wanted before running jobs are protected, and what was learned on the way. */
export type DesiredQuantity = {
  /** Workers that the demand needs, before any bound or limit. */
  readonly needed: number;
  /** The same after bounds, scale-down delay and step limit. */
  readonly limited: number;
  /** Jobs that can be taken now or soon, those that run, and what is kept without any. */
  readonly work: Work;
  readonly steps: readonly Step[];
  readonly peaks: Peaks;
  readonly queues: Memory['queues'];
  readonly capacity: Capacity;
  readonly lateness: NonNullable<Memory['lateness']>;
  readonly needs: Needs;
  readonly waits: Decision['waits'];
};

/** The stages demand → forecast → sizing → bounds → peak hold → step limit, each of which leaves a step. */
export function desiredQuantity(policy: Policy, memory: Memory, observation: Observation): DesiredQuantity {
  const { at, quantity: from } = observation;
  const queues = observation.queues.map((queue): QueueDemand => ({ queue, demand: demandOf(queue) }));
  const demands = queues.map(({ demand }) => demand);
  const takeable = sumOf(demands, (demand) => demand.takeable);
  const upcoming = sumOf(demands, (demand) => demand.upcoming);
  const running = sumOf(demands, (demand) => demand.running);

  const groups = groupsOf(policy, memory, queues);
  const before = new Map(memory.queues);
  const horizonMs = policy.bootMs + policy.tickMs;
  const learned = new Map(
    groups.map((group) => [group.queue.name, learn(before.get(group.queue.name), group, at, horizonMs)]),
  );
  const capacity = updateCapacity(memory.capacity, from, at, policy.bootMs);

  const lateness = observeLateness(policy, memory, groups, learned);
  const needs = observeNeeds(policy, memory, { at, groups, learned, expected: observation.expected });
  const reserve = reserveOf(policy, memory, needs, lateness);
  const situation = { at, demands, groups, learned, capacity, lateness, reserve };
  const { desired, ...expecting } = sizeExpecting(policy, situation, observation.expected);
  const bounds = boundsStep(policy, desired.count);
  const lasting = Math.min(bounds.count, desired.lasting);
  const peaks = rememberPeak(memory.peaks, at, lasting, policy.scaleDownDelayMs);
  const held = peakHoldStep(policy, peaks, bounds.count, observation);
  const limited = limitedStep(policy, from, held.count);
  const bounded = bounds.count < desired.count || limited.count < held.count;
  const judged = excuseLateness(lateness, policy, memory, { observation, groups, bounded });
  return {
    needed: desired.count,
    limited: limited.count,
    work: {
      jobs: takeable + upcoming + expecting.jobs,
      running,
      expected: expecting.note,
      reserved: desired.reserved,
    },
    steps: [
      { stage: 'demand', count: takeable, note: `${running} running` },
      {
        stage: 'forecast',
        count: takeable + upcoming + expecting.jobs,
        note: forecastNote(upcoming, expecting.note),
      },
      { stage: 'sizing', count: desired.count, note: desired.note },
      bounds,
      held,
      limited,
    ],
    peaks,
    queues: [...learned, ...stillKnown(memory.queues, learned, at)],
    capacity,
    lateness: keptLateness(memory.lateness, judged, at),
    needs,
    waits: desired.waits,
  };
}

function forecastNote(upcoming: number, expected: string | undefined): string | undefined {
  const notes = [
    ...(upcoming > 0 ? [`${upcoming} due within a boot and a tick`] : []),
    ...(expected === undefined ? [] : [expected]),
  ];
  return notes.length === 0 ? undefined : notes.join('; ');
}

function groupsOf(policy: Policy, memory: Memory, queues: readonly QueueDemand[]): readonly QueueGroup[] {
  const { sizing } = policy;
  const named = sizing.kind === 'wait' ? Object.keys(sizing.maxWaitMsByQueue ?? {}) : [];
  const limited = memory.queues.flatMap(([name, { limiter }]) => (limiter === undefined ? [] : name));
  return mergeOverflowQueues(queues, new Set(named), new Set(limited));
}

/** What was learned of a queue that cannot be read, or has no keys for a while, is kept this long. */
const KEPT_UNREAD_MS = 3_600_000;

/** What is known of queues that were not read now, most recently read first, as far as there is room. */
function stillKnown(
  before: Memory['queues'],
  learned: ReadonlyMap<string, Learned>,
  at: number,
): Memory['queues'] {
  return before
    .filter(([name, { at: readAt }]) => !learned.has(name) && readAt <= at && at - readAt <= KEPT_UNREAD_MS)
    .toSorted(([, a], [, b]) => b.at - a.at)
    .slice(0, MOST_QUEUE_GROUPS - learned.size);
}

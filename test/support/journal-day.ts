import { decide } from '../../src/core/decide.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import type { QueueObservation } from '../../src/core/types.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Outcome, Tick } from '../../src/control/outcome.ts';
import { policyOf } from './outcomes.ts';
import { entryOf } from '../../src/reporting/entry-of.ts';
import { processType, queue, cedar } from './ports.ts';

export type DayOptions = {
  readonly from: number;
  readonly ticks: number;
  readonly tickMs?: number;
  readonly types?: readonly ProcessTypeSettings[];
  readonly seed?: number;
  /** From one newsletter to the next. */
  readonly burstEveryMs?: number;
};

export const TYPES: readonly ProcessTypeSettings[] = [
  processType({
    processType: 'worker',
    queues: ['newsletter', 'transactional', 'webhooks', 'images', 'search', 'exports', 'imports'],
    min: 2,
    max: 20,
    maxWaitMs: 60_000,
    concurrency: 5,
  }),
  processType({
    processType: 'mailer',
    queues: ['mail-high', 'mail-low', 'bounces', 'digest', 'sms', 'push', 'feedback'],
    min: 1,
    max: 10,
    concurrency: 10,
  }),
  processType({
    processType: 'reports',
    queues: ['daily', 'weekly', 'pdf', 'csv', 'billing', 'audit'],
    min: 0,
    max: 5,
    jobsPerWorker: 20,
  }),
];

const SERVICE_MS = 1500;

type QueueState = { ready: number; added: number; readySince: number | undefined; active: number };

/**
 * What the real decision makes of a made-up day: steady traffic with the hours, and a newsletter of thousands every
 * three hours. Jobs take a second and a half and leave a queue as a fluid; dynos boot for 30 s.
 */
export function* journalDay({
  from,
  ticks,
  tickMs = 10_000,
  types = TYPES,
  seed = 1,
  burstEveryMs = 10_800_000,
}: DayOptions): Generator<Entry> {
  const random = randomFrom(seed);
  const states = new Map<string, QueueState>();
  const fleets = types.map((type) => ({
    type,
    quantity: Math.max(1, type.min),
    memory: undefined as Memory | undefined,
  }));
  for (let tick = 0; tick < ticks; tick += 1) {
    const at = from + tick * tickMs;
    const outcomes = fleets.map((fleet, index): Outcome => {
      const { type } = fleet;
      const policy = { ...policyOf(type, tickMs), noun: 'dyno' };
      const queues = type.queues.map((name, place) => {
        const state = states.get(name) ?? { ready: 0, added: 0, readySince: undefined, active: 0 };
        states.set(name, state);
        const hour = (at / 3_600_000) % 24;
        const steady =
          (1.25 + Math.sin(((hour - 9) / 12) * Math.PI)) * (place === 0 ? 0 : 10 / (place + index));
        const burst = place === 0 && at % burstEveryMs < tickMs ? 8000 / (index + 1) : 0;
        const added = Math.floor(steady * random() * (tickMs / 10_000) + burst);
        // Usually half of the queues are busy at a time.
        const share = state.ready > 100 ? 1 : 2 / type.queues.length;
        const slots = Math.max(1, Math.ceil(fleet.quantity * policy.concurrency * share));
        serve(state, { added, slots, idle: fleet.quantity === 0, at, tickMs });
        return observed(name, state);
      });
      const { decision, memory } = decide(policy, fleet.memory ?? initialMemory(policy, fleet.quantity, at), {
        at,
        quantity: fleet.quantity,
        queues,
        busyOrdinal: queues.some(({ active }) => active > 0) ? Math.min(fleet.quantity, 1) : 0,
      });
      fleet.memory = memory;
      const formation = {
        processType: type.processType,
        quantity: fleet.quantity,
        size: 'Standard-1X',
        others: new Map(),
        naming: cedar(type.processType),
        readAt: at,
      };
      const changed = decision.to !== fleet.quantity;
      fleet.quantity = decision.to;
      const backlog = { queues, unreadable: [], holders: new Map(), holdersComplete: true };
      const decided = { processType: type.processType, backlog, formation, decision, policy };
      if (!changed) return { kind: 'unchanged', ...decided };
      const resized = {
        kind: 'resized',
        answered: true,
        quantity: decision.to,
        size: formation.size,
      } as const;
      return { kind: 'resized', ...decided, resized };
    });
    yield entryOf({ ...tickOf(at, 40 + random() * 60, outcomes), tickMs });
  }
}

export function tickOf(at: number, tookMs: number, outcomes: readonly Outcome[]): Tick {
  return { at, tickMs: 10_000, tookMs, standby: false, outcomes, requestsLeft: 4321 };
}

type TickOfQueue = {
  readonly added: number;
  /** Jobs that run at once. */
  readonly slots: number;
  /** There are no dynos. */
  readonly idle: boolean;
  readonly at: number;
  readonly tickMs: number;
};

function serve(state: QueueState, { added, slots, idle, at, tickMs }: TickOfQueue): void {
  const inSystem = state.ready + state.active + added;
  const done = Math.min(inSystem, Math.floor((slots * tickMs) / SERVICE_MS));
  const left = inSystem - done;
  state.added += added;
  state.active = idle ? 0 : Math.min(left, slots);
  state.ready = left - state.active;
  // First come, first served: what waits came within the time that it takes to work it off, or since it began to wait.
  const since = state.readySince ?? at - tickMs / 2;
  state.readySince =
    state.ready === 0 ? undefined : Math.max(since, at - (state.ready / Math.max(1, done)) * tickMs);
}

function observed(name: string, state: QueueState): QueueObservation {
  return queue({
    name,
    waiting: state.ready,
    active: state.active,
    added: state.added,
    dueSoon: 0,
    oldestReadyAt: state.readySince,
  });
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import { drainStep, drainedAbove, type WorkersReading, type DrainStep } from '../../src/core/drain.ts';
import { decide } from '../../src/core/decide.ts';
import { initialMemory } from '../../src/core/memory.ts';
import { countOf } from '../../src/core/reason.ts';
import { drainedUnder, mustDrain } from '../../src/worker/drain-rule.ts';
import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import { queue } from '../support/ports.ts';

/** One worker process. `fetching`: asks for a job, also for a while after it was paused. */
export type WorkerProcess = {
  readonly up: boolean;
  /** Removed by the platform on Drover's word; its SIGTERM is on the way. */
  readonly stopping: boolean;
  readonly paused: boolean;
  readonly fetching: boolean;
  readonly busy: boolean;
  readonly request: StoredDrainRequest | null;
};

/** What stands in Redis for one dyno number; `null`: nothing. A process that crashes leaves its word behind. */
export type StoredReportState = { readonly resting: string | undefined } | null;

/** What a clock made up its mind to do, from what it read in one tick. */
export type ClockTick = {
  readonly from: number;
  readonly to: number;
  readonly step: DrainStep;
  readonly readEpoch: string | null;
  /** The order is written, the platform not yet told. */
  readonly written: boolean;
};

export type State = {
  readonly quantity: number;
  readonly waiting: number;
  readonly request: StoredDrainRequest | null;
  /** Epochs given out, so that each is another. */
  readonly epochs: number;
  /** By dyno number minus one; `null`: there is no such dyno. */
  readonly dynos: readonly (WorkerProcess | null)[];
  readonly reports: readonly StoredReportState[];
  /** Of the clock that holds the lease. Whoever lost it can do nothing more: both writes are fenced. */
  readonly tick: ClockTick | null;
  /** Jobs that ran on a dyno which Drover took away. */
  readonly killed: number;
};

/** What may be left out of the protocol, to see that the check notices. */
export type Flaws = {
  readonly pausedCountsAsDrained?: boolean;
  readonly epochOutlivesRaise?: boolean;
  readonly unconditionalWrite?: boolean;
  readonly noStartGate?: boolean;
  readonly noDrainRequest?: boolean;
  readonly neverDeletesRequest?: boolean;
  readonly ignoresNextTick?: boolean;
};

export const DYNOS = 2;
const MOST_WAITING = 1;
const FIRST: WorkerProcess = {
  up: true,
  stopping: false,
  paused: false,
  fetching: true,
  busy: false,
  request: null,
};
const BOOTING: WorkerProcess = { ...FIRST, up: false, fetching: false };

export const START: State = {
  quantity: DYNOS,
  waiting: 0,
  request: null,
  epochs: 0,
  dynos: Array.from({ length: DYNOS }, () => FIRST),
  reports: Array.from({ length: DYNOS }, () => ({ resting: undefined })),
  tick: null,
  killed: 0,
};

const POLICY = {
  sizing: { kind: 'backlog', jobsPerWorker: 1 },
  min: 0,
  max: DYNOS,
  concurrency: 1,
  bootMs: 1,
  tickMs: 1,
  scaleDownDelayMs: 0,
} as const;

/**
 * The reading and the decision of one tick, by the code that runs in the clock. `nextWanted` is what the next tick will
 * want if nothing changes; absent: the same as this one.
 */
export function observe(state: State, flaws: Flaws, nextWanted?: number): ClockTick {
  const { quantity, request } = state;
  const reading: WorkersReading = {
    ...(request === null ? {} : { request: { ...request, ageMs: 0 } }),
    reports: state.reports.flatMap((said, index) =>
      said === null
        ? []
        : [{ ordinal: index + 1, ageMs: 0, resting: said.resting, concurrency: 1, bootedAt: 0 }],
    ),
  };
  const { decision } = decide(POLICY, initialMemory(POLICY, quantity, 0), {
    at: 1,
    quantity,
    ...(flaws.ignoresNextTick === true ? {} : { nextWanted }),
    // A rule that asks for a dyno for each job, running or not: how many are right is not what is shown here.
    queues: [queue({ waiting: state.waiting + state.dynos.filter((dyno) => dyno?.busy).length })],
    // Names would hide what is to be shown here: that what the dynos say is enough.
    restingAbove: flaws.noDrainRequest === true ? 0 : drainedAbove(reading, quantity, 0, false),
  });
  const ahead = nextWanted ?? countOf(decision.steps, 'step limit');
  const step = drainStep(reading.request, ahead, quantity);
  return { from: quantity, to: decision.to, step, readEpoch: request?.epoch ?? null, written: false };
}

/** The script in Redis: only onto the order that was read, with a new epoch or the same. */
export function write(state: State, { step, ...made }: ClockTick, flaws: Flaws): State {
  const stood =
    flaws.unconditionalWrite === true || (state.request !== null && state.request.epoch === made.readEpoch);
  let { request, epochs } = state;
  if (step.kind === 'release' && stood && flaws.neverDeletesRequest !== true) request = null;
  if (step.kind === 'keep' && stood) request = requestOf(step.epoch, step.limit);
  if (step.kind === 'ask') {
    const same = flaws.epochOutlivesRaise === true;
    epochs += 1;
    request = requestOf(same ? 'e' : `e${epochs}`, step.limit);
  }
  const goes = made.to >= made.from || stood;
  return { ...state, request, epochs, tick: goes ? { ...made, step, written: true } : null };
}

/** The PATCH. The adapter reads again before it, and leaves alone what somebody else changed. */
export function patch(state: State, { from, to }: ClockTick): State {
  const done = { ...state, plan: null };
  if (state.quantity !== from) return done;
  const dynos = state.dynos.map((dyno, index) => {
    if (index + 1 > to) return dyno === null ? null : { ...dyno, stopping: true };
    return dyno ?? BOOTING;
  });
  return { ...done, quantity: to, dynos };
}

/** One beat: says how it is, hears the order, and does what it asks. The first one is how a process comes up. */
export function heartbeat(state: State, index: number, flaws: Flaws): State {
  const dyno = state.dynos[index];
  if (!dyno) return state;
  const settled = dyno.paused && !dyno.busy && (flaws.pausedCountsAsDrained === true || !dyno.fetching);
  const resting = drainedUnder(index + 1, dyno.request ?? undefined, settled);
  const asks = mustDrain(index + 1, state.request ?? undefined);
  const gated = dyno.up || flaws.noStartGate !== true;
  const paused = asks && gated;
  const next = { ...dyno, up: true, knows: asks && gated ? state.request : null, paused };
  return {
    ...state,
    dynos: state.dynos.with(index, next.paused || next.busy ? next : { ...next, fetching: true }),
    reports: state.reports.with(index, { resting }),
  };
}

/** SIGTERM on Drover's word. */
export function terminate(state: State, index: number): State {
  const dyno = state.dynos[index];
  const killed = state.killed + (dyno?.busy === true ? 1 : 0);
  return {
    ...state,
    killed,
    dynos: state.dynos.with(index, null),
    // A process that is told to end takes back what it said, one that had not come up yet said nothing.
    reports: state.reports.with(index, null),
  };
}

/** Everything that may happen next. */
export function successors(state: State, flaws: Flaws): State[] {
  const next: State[] = [];
  const { dynos, request, tick } = state;
  const stopping = someDyno(dynos, (dyno) => dyno.stopping);

  if (state.waiting < MOST_WAITING) next.push({ ...state, waiting: state.waiting + 1 });

  // The next tick is later than the SIGTERMs of this one: they come within a second or two.
  // Jobs age and peaks are forgotten until then, so it may want any number of dynos, whatever this tick wants.
  if (tick === null && !stopping) {
    for (let wanted = 0; wanted <= DYNOS; wanted += 1) {
      next.push({ ...state, tick: observe(state, flaws, wanted) });
    }
  }
  if (tick !== null) {
    // The tick runs into its deadline, the clock dies, or another one takes over and begins a tick of its own.
    next.push({ ...state, tick: null });
    next.push(tick.written ? patch(state, tick) : write(state, tick, flaws));
  }

  // It outlives a tick's deadline, so not between the two writes of a tick, nor before the SIGTERMs have come.
  if (request !== null && tick?.written !== true && !stopping) next.push({ ...state, request: null });

  dynos.forEach((dyno, index) => {
    if (dyno === null) {
      // What a crashed process said is cleared away, or too old to count.
      if (state.reports[index] !== null) next.push({ ...state, reports: state.reports.with(index, null) });
      return;
    }
    const become = (process: WorkerProcess): void => {
      next.push({ ...state, dynos: dynos.with(index, process) });
    };
    if (dyno.stopping) next.push(terminate(state, index));
    next.push(heartbeat(state, index, flaws));
    if (!dyno.up) return;
    if (dyno.fetching && !dyno.busy && state.waiting > 0) {
      const begun = { ...dyno, busy: true, fetching: false };
      next.push({ ...state, waiting: state.waiting - 1, dynos: dynos.with(index, begun) });
    }
    if (dyno.paused && dyno.fetching) become({ ...dyno, fetching: false });
    if (dyno.busy) become({ ...dyno, busy: false, fetching: !dyno.paused });
    if (dyno.stopping) return;
    // Cut off from Redis, it goes by its order for as long as that was good for, counted from its last reading. That
    // is longer than its word counts as fresh and a tick and the way of a SIGTERM take together.
    if (dyno.paused && tick === null) {
      next.push({
        ...state,
        dynos: dynos.with(index, { ...dyno, paused: false, request: null, fetching: !dyno.busy }),
        reports: state.reports.with(index, null),
      });
    }
    // The platform restarts it, for a deploy or the day's cycling: its job is handed back. Or it crashes.
    const waiting = Math.min(MOST_WAITING, state.waiting + (dyno.busy ? 1 : 0));
    next.push({
      ...state,
      waiting,
      dynos: dynos.with(index, BOOTING),
      reports: state.reports.with(index, null),
    });
    next.push({ ...state, waiting, dynos: dynos.with(index, BOOTING) });
  });
  return next;
}

function requestOf(epoch: string, limit: number): StoredDrainRequest {
  return { epoch, limit, since: 0, forMs: 1 };
}

function someDyno(dynos: State['dynos'], is: (dyno: WorkerProcess) => boolean): boolean {
  return dynos.some((dyno) => dyno !== null && is(dyno));
}

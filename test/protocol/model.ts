import { drainStep, drainedAbove } from '../../src/core/drain.ts';
import { decide } from '../../src/core/decide.ts';
import { initialMemory } from '../../src/core/memory.ts';
import type { Addressed } from '../../src/worker/drain-rule.ts';
import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import { queue } from '../support/ports.ts';
import {
  MOST_WAITING,
  policyUpTo,
  readingOf,
  writeRequest,
  type Decided,
  type Report,
  type SharedFlaws,
} from './shared.ts';
import {
  BOOTING_PROCESS,
  heartbeatOf,
  IDLE_PROCESS,
  stepsOf,
  withoutRedis,
  type WorkerProcess,
} from './worker-process.ts';

/** One dyno with its worker process. */
export type Dyno = WorkerProcess & {
  /** Drover's PATCH removed it; the platform has not sent SIGTERM yet. */
  readonly stopping: boolean;
};

/** A tick of a clock between its reading and its end. */
export type ClockTick = Decided & {
  /** The drain request is written; the PATCH is not sent yet. */
  readonly written: boolean;
};

export type State = {
  readonly quantity: number;
  readonly waiting: number;
  readonly request: StoredDrainRequest | null;
  /** Epochs created, so that each has a new name. */
  readonly epochs: number;
  /** By dyno number minus one; `null`: there is no such dyno. */
  readonly dynos: readonly (Dyno | null)[];
  readonly reports: readonly Report[];
  /** The tick of the clock that holds the lease. A clock that lost it can do nothing: both writes are fenced. */
  readonly tick: ClockTick | null;
  /** Jobs that ran on a dyno that Drover removed. */
  readonly killed: number;
};

export type Flaws = SharedFlaws & { readonly ignoresNextTick?: boolean };

export const DYNOS = 2;
const IDLE: Dyno = { ...IDLE_PROCESS, stopping: false };
const BOOTING: Dyno = { ...BOOTING_PROCESS, stopping: false };

export const START: State = {
  quantity: DYNOS,
  waiting: 0,
  request: null,
  epochs: 0,
  dynos: Array.from({ length: DYNOS }, () => IDLE),
  reports: Array.from({ length: DYNOS }, () => ({ resting: undefined })),
  tick: null,
  killed: 0,
};

const POLICY = policyUpTo(DYNOS);

/**
 * The reading and the decision of one tick, by the code that runs in the clock. `nextWanted`: the quantity that the next
 * tick will want if nothing changes; absent: the same as this one.
 */
export function observe(state: State, flaws: Flaws, nextWanted?: number): ClockTick {
  const { quantity, request } = state;
  const reading = readingOf(state, state.reports, (place) => ({ ordinal: place + 1 }));
  const { decision } = decide(POLICY, initialMemory(POLICY, quantity, 0), {
    at: 1,
    quantity,
    ...(flaws.ignoresNextTick === true ? {} : { nextWanted }),
    // One dyno per job, running or not: the model does not check the sizing.
    queues: [queue({ waiting: state.waiting + state.dynos.filter((dyno) => dyno?.busy).length })],
    // No worker names: the reports alone must be enough to protect running jobs.
    restingAbove:
      flaws.noDrainRequest === true ? 0 : drainedAbove(reading, { quantity, bootMs: 0, silentMayGo: false }),
  });
  const ahead = nextWanted ?? decision.limited;
  const step = drainStep(reading.request, ahead, quantity);
  return { from: quantity, to: decision.to, step, readEpoch: request?.epoch ?? null, written: false };
}

/** The drain request is written. */
export function write(state: State, tick: ClockTick, flaws: Flaws): State {
  const { request, epochs, current } = writeRequest(state, tick, flaws, (epoch, { limit }) =>
    requestOf(epoch, limit),
  );
  const mayPatch = tick.to >= tick.from || current;
  return { ...state, request, epochs, tick: mayPatch ? { ...tick, written: true } : null };
}

/** The PATCH. The adapter reads the quantity again before it, and sends nothing if another client changed it. */
export function patch(state: State, { from, to }: ClockTick): State {
  const done = { ...state, tick: null };
  if (state.quantity !== from) return done;
  const dynos = state.dynos.map((dyno, index) => {
    if (index + 1 > to) return dyno === null ? null : { ...dyno, stopping: true };
    return dyno ?? BOOTING;
  });
  return { ...done, quantity: to, dynos };
}

export function heartbeat(state: State, index: number, flaws: Flaws): State {
  const dyno = state.dynos[index];
  if (!dyno) return state;
  const { process, report } = heartbeatOf(dyno, addressOf(index), state.request, flaws);
  return {
    ...state,
    dynos: state.dynos.with(index, process),
    reports: state.reports.with(index, report),
  };
}

/** SIGTERM after Drover's PATCH. */
export function terminate(state: State, index: number): State {
  const dyno = state.dynos[index];
  const killed = state.killed + (dyno?.busy === true ? 1 : 0);
  return {
    ...state,
    killed,
    dynos: state.dynos.with(index, null),
    // A process deletes its report on SIGTERM; one that had not come up yet has none.
    reports: state.reports.with(index, null),
  };
}

/** Everything that may happen next. */
export function successors(state: State, flaws: Flaws): State[] {
  const next: State[] = [];
  const { dynos, request, tick } = state;
  const stopping = someDyno(dynos, (dyno) => dyno.stopping);

  if (state.waiting < MOST_WAITING) next.push({ ...state, waiting: state.waiting + 1 });

  // The next tick comes after the SIGTERMs of this one, which take a second or two.
  // Until then jobs age and peaks expire, so it may want any quantity, whatever this tick wants.
  if (tick === null && !stopping) {
    for (let wanted = 0; wanted <= DYNOS; wanted += 1) {
      next.push({ ...state, tick: observe(state, flaws, wanted) });
    }
  }
  if (tick !== null) {
    // The tick reaches its deadline, the clock dies, or another clock takes over and starts its own tick.
    next.push({ ...state, tick: null });
    next.push(tick.written ? patch(state, tick) : write(state, tick, flaws));
  }

  // The request expires. It outlives a tick's deadline, so not between the two writes of a tick or before its SIGTERMs.
  if (request !== null && tick?.written !== true && !stopping) next.push({ ...state, request: null });

  dynos.forEach((dyno, index) => {
    if (dyno === null) {
      // The report of a crashed process is deleted, or too old to count.
      if (state.reports[index] !== null) next.push({ ...state, reports: state.reports.with(index, null) });
      return;
    }
    if (dyno.stopping) next.push(terminate(state, index));
    next.push(heartbeat(state, index, flaws));
    if (!dyno.up) return;
    for (const { process, waiting } of stepsOf(dyno, state.waiting)) {
      next.push({ ...state, waiting, dynos: dynos.with(index, process) });
    }
    if (dyno.stopping) return;
    // Without Redis a process follows its request for `forMs` from the last reading. That is longer than its report
    // counts as fresh, plus a tick, plus the time a SIGTERM takes.
    if (dyno.paused && tick === null) {
      next.push({
        ...state,
        dynos: dynos.with(index, withoutRedis(dyno)),
        reports: state.reports.with(index, null),
      });
    }
    // The platform restarts it for a deploy or daily, and it returns its job to the queue. Or it crashes.
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

function someDyno(dynos: State['dynos'], is: (dyno: Dyno) => boolean): boolean {
  return dynos.some((dyno) => dyno !== null && is(dyno));
}

function addressOf(index: number): Addressed {
  return { name: `worker.${index + 1}`, ordinal: index + 1 };
}

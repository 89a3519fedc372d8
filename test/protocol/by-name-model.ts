import { removalOf } from '../../src/adapters/kubernetes/removal.ts';
import { removable, stepByName, whereJobsRun } from '../../src/control/drain.ts';
import { nameStep, removalOrder } from '../../src/core/drain-by-name.ts';
import type { DrainStep } from '../../src/core/drain.ts';
import { decide } from '../../src/core/decide.ts';
import { initialMemory } from '../../src/core/memory.ts';
import type { ListedWorker } from '../../src/core/worker-naming.ts';
import { drainedUnder, mustDrain } from '../../src/worker/drain-rule.ts';
import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import { backlog, queue } from '../support/ports.ts';

/** One pod with its worker process, as far as the protocol sees it. */
export type Pod = {
  /** Its container runs and has had its first heartbeat. */
  readonly up: boolean;
  readonly ready: boolean;
  /**
   * It became not ready, or came up, after the scale was set and before the controller chose: the platform alone takes it.
   */
  readonly turned: boolean;
  readonly marked: boolean;
  readonly paused: boolean;
  /** A fetch is pending, which may outlast the start of a pause. */
  readonly fetching: boolean;
  readonly busy: boolean;
  readonly request: StoredDrainRequest | null;
};

export type Report = { readonly resting: string | undefined } | null;

/** A tick of a clock between its reading and its end. */
export type Tick = {
  readonly from: number;
  readonly to: number;
  readonly step: DrainStep;
  readonly readEpoch: string | null;
  readonly remove: readonly string[] | undefined;
  /** The request is written; then the pods are read again and marked; then the scale is sent. */
  readonly stage: 'read' | 'written' | 'marked';
  /** Something about the target has changed since its version was read. */
  readonly stale: boolean;
};

export type State = {
  readonly replicas: number;
  readonly waiting: number;
  readonly request: StoredDrainRequest | null;
  readonly epochs: number;
  /** By place; a name is never used again, so what is about a pod that is gone is dropped with it. */
  readonly pods: readonly (Pod | null)[];
  readonly reports: readonly Report[];
  readonly tick: Tick | null;
  /** A rollout replaces every pod, and cuts a scale-down as it likes. */
  readonly rolling: boolean;
  /** Jobs cut by a scale-down of ours, and scale-downs that were sent during a rollout. */
  readonly killed: number;
  readonly sentWhileRolling: number;
};

/** Parts that a test can leave out, to show that the check notices. */
export type Flaws = {
  readonly pausedCountsAsDrained?: boolean;
  readonly epochOutlivesCall?: boolean;
  readonly unconditionalWrite?: boolean;
  readonly noStartGate?: boolean;
  readonly noDrainRequest?: boolean;
  readonly neverDeletesRequest?: boolean;
  readonly ignoresNextTick?: boolean;
  readonly ignoresRank?: boolean;
  readonly neverMarks?: boolean;
  readonly ignoresVersion?: boolean;
  readonly releasesOutstanding?: boolean;
};

export const PODS = 2;
const MOST_WAITING = 1;
const BOOTING: Pod = {
  up: false,
  ready: false,
  turned: false,
  marked: false,
  paused: false,
  fetching: false,
  busy: false,
  request: null,
};
const FIRST: Pod = { ...BOOTING, up: true, ready: true, fetching: true };

export const START: State = {
  replicas: PODS,
  waiting: 0,
  request: null,
  epochs: 0,
  pods: Array.from({ length: PODS }, () => FIRST),
  reports: Array.from({ length: PODS }, () => ({ resting: undefined })),
  tick: null,
  rolling: false,
  killed: 0,
  sentWhileRolling: 0,
};

const POLICY = {
  sizing: { kind: 'backlog', jobsPerWorker: 1 },
  min: 0,
  max: PODS,
  concurrency: 1,
  bootMs: 1,
  tickMs: 1,
  scaleDownDelayMs: 0,
} as const;

/** As the adapter lists them: a pod that has not come up is pending. */
function listed(pods: State['pods']): ListedWorker[] {
  return pods.flatMap((pod, index) =>
    pod === null
      ? []
      : [
          {
            name: String(index),
            startedAt: index,
            leaving: false,
            running: pod.up,
            rank: rankOf(pod),
            marked: pod.marked,
          },
        ],
  );
}

function rankOf({ up, ready }: Pod): number {
  return up ? (ready ? 4 : 3) : 1;
}

export function countOf({ pods }: Pick<State, 'pods'>): number {
  return pods.filter((pod) => pod !== null).length;
}

/** The reading and the decision of one tick, by the code that runs in the clock. */
export function observe(state: State, flaws: Flaws, nextWanted?: number): Tick {
  const { replicas: quantity, request } = state;
  const reading = {
    ...(request === null ? {} : { request: { ...request, ageMs: 0 } }),
    reports: state.reports.flatMap((report, index) =>
      report === null
        ? []
        : [{ dyno: String(index), ageMs: 0, resting: report.resting, concurrency: 1, bootedAt: 0 }],
    ),
  };
  const formation = {
    processType: 'worker',
    quantity,
    size: '',
    others: new Map(),
    readAt: 0,
    naming: { kind: 'listed', workers: listed(state.pods) },
  } as const;
  // No worker names: the reports alone must be enough to protect running jobs.
  const where = whereJobsRun(backlog(), reading, formation, 0);
  const seen = flaws.noDrainRequest === true ? { ...where.seen, restingAbove: 0 } : where.seen;
  const { decision } = decide(POLICY, initialMemory(POLICY, quantity, 0), {
    at: 1,
    quantity,
    ...(flaws.ignoresNextTick === true ? {} : { nextWanted }),
    // One pod per job, running or not: the model does not check the sizing.
    queues: [queue({ waiting: state.waiting + state.pods.filter((pod) => pod?.busy).length })],
    ...seen,
  });
  const working = state.rolling ? quantity : (nextWanted ?? decision.limited);
  const among = where.listed ?? { active: [], busy: new Set(), drained: new Set() };
  const { step, names } = flaws.releasesOutstanding
    ? withoutOutstanding(among, reading.request, working)
    : stepByName(among, reading.request, quantity, working);
  const to = state.rolling ? quantity : decision.to;
  const all = among.active.map(({ name }) => name);
  const remove = flaws.noDrainRequest === true ? all : removable(where, names, to);
  return { from: quantity, to, step, readEpoch: request?.epoch ?? null, remove, stage: 'read', stale: false };
}

function withoutOutstanding(
  among: Parameters<typeof stepByName>[0],
  request: Parameters<typeof stepByName>[1],
  working: number,
): ReturnType<typeof stepByName> {
  const surplus = Math.max(0, among.active.length - working);
  const names = removalOrder(among.active, request, among).slice(0, surplus);
  return { step: nameStep(request, names, among.active), names };
}

/** The write script in Redis: changes only the request that was read, unless it begins a new epoch. */
export function write(state: State, tick: Tick, flaws: Flaws): State {
  const { step } = tick;
  const current =
    flaws.unconditionalWrite === true || (state.request !== null && state.request.epoch === tick.readEpoch);
  let { request, epochs } = state;
  if (step.kind === 'release' && current && flaws.neverDeletesRequest !== true) request = null;
  if (step.kind === 'keep' && current) request = requestOf(step.epoch, step.names);
  if (step.kind === 'ask') {
    epochs += 1;
    request = requestOf(flaws.epochOutlivesCall === true ? 'e' : `e${epochs}`, step.names);
  }
  const goesOn = tick.to > tick.from || (tick.to < tick.from && current);
  return { ...state, request, epochs, tick: goesOn ? { ...tick, stage: 'written' } : null };
}

/** Before a scale-down: the target's version, its pods, the rule, the marks. */
export function mark(state: State, tick: Tick, flaws: Flaws): State {
  if (state.replicas !== tick.from || state.rolling) return { ...state, tick: null };
  const active = listed(state.pods);
  const removal = removalOf(
    flaws.ignoresRank === true ? active.map((pod) => ({ ...pod, rank: 4 })) : active,
    tick.remove ?? [],
    tick.to,
  );
  if ('instead' in removal) return { ...state, tick: null };
  const pods = state.pods.map((pod, index) =>
    pod === null
      ? null
      : { ...pod, marked: flaws.neverMarks !== true && removal.marks.includes(String(index)) },
  );
  return { ...state, pods, tick: { ...tick, stage: 'marked', stale: false } };
}

/** The scale, refused where the target has changed since its version was read. */
export function patch(state: State, { from, to, stale }: Tick, flaws: Flaws): State {
  const done = { ...state, tick: null };
  if (state.replicas !== from || (stale && flaws.ignoresVersion !== true)) return done;
  const wrong = state.rolling && to < from ? 1 : 0;
  return { ...done, replicas: to, sentWhileRolling: state.sentWhileRolling + wrong };
}

/** What the ReplicaSet's controller may do now: it compares ranks, then marks, and what is equal in any order. */
export function controllerSteps(state: State): State[] {
  const count = countOf(state);
  if (count < state.replicas) {
    const place = state.pods.indexOf(null);
    return place < 0 ? [] : [touched({ ...state, pods: state.pods.with(place, BOOTING) })];
  }
  if (count === state.replicas) return [];
  const order = (pod: Pod): number => 2 * rankOf(pod) + (pod.marked ? 0 : 1);
  const lowest = Math.min(...state.pods.flatMap((pod) => (pod === null ? [] : order(pod))));
  return state.pods.flatMap((pod, index) => {
    if (pod === null || order(pod) !== lowest) return [];
    const ours = pod.busy && !pod.turned && !state.rolling;
    return [{ ...without(state, index), killed: state.killed + (ours ? 1 : 0) }];
  });
}

/** One heartbeat: reports, reads the drain request and follows it. A process comes up with its first heartbeat. */
export function heartbeat(state: State, index: number, flaws: Flaws): State {
  const pod = state.pods[index];
  if (!pod) return state;
  const self = { name: String(index), ordinal: undefined };
  const idle = pod.paused && !pod.busy && (flaws.pausedCountsAsDrained === true || !pod.fetching);
  const resting = drainedUnder(self, pod.request ?? undefined, idle);
  const gated = pod.up || flaws.noStartGate !== true;
  const paused = mustDrain(self, state.request ?? undefined) && gated;
  const next = { ...pod, up: true, request: paused ? state.request : null, paused };
  const beaten = {
    ...state,
    pods: state.pods.with(index, paused || next.busy ? next : { ...next, fetching: true }),
    reports: state.reports.with(index, { resting }),
  };
  if (pod.up) return beaten;
  const turned = countOf(state) > state.replicas;
  return touched({ ...beaten, pods: beaten.pods.with(index, { ...next, ...beaten.pods[index], turned }) });
}

/** Everything that may happen next. */
export function successors(state: State, flaws: Flaws, withRollouts = false): State[] {
  const next: State[] = [];
  const { pods, request, tick } = state;
  const outstanding = countOf(state) > state.replicas;

  if (state.waiting < MOST_WAITING) next.push({ ...state, waiting: state.waiting + 1 });
  if (tick === null) {
    // Jobs age and peaks expire between ticks, so it may want any quantity, whatever was wanted before.
    for (let wanted = 0; wanted <= PODS; wanted += 1)
      next.push({ ...state, tick: observe(state, flaws, wanted) });
  } else {
    // The tick reaches its deadline, the clock dies, or another clock takes over and starts its own tick.
    next.push({ ...state, tick: null });
    next.push(advance(state, tick, flaws));
  }
  next.push(...controllerSteps(state));
  if (withRollouts) next.push(touched({ ...state, rolling: !state.rolling }));

  // The request expires. It outlives a tick's deadline and the controller's delay.
  if (request !== null && tick === null && !outstanding) next.push({ ...state, request: null });

  pods.forEach((pod, index) => {
    if (pod === null) return;
    const replaceWith = (process: Pod, base: State = state): void => {
      next.push({ ...base, pods: base.pods.with(index, process) });
    };
    next.push(heartbeat(state, index, flaws));
    // A node is drained, or dies: the platform takes the pod, busy or not, and its job is returned to the queue.
    const waiting = Math.min(MOST_WAITING, state.waiting + (pod.busy ? 1 : 0));
    next.push(touched({ ...without(state, index), waiting }));
    if (!pod.up) return;
    replaceWith({ ...pod, ready: !pod.ready, turned: pod.ready && outstanding }, touched(state));
    if (pod.fetching && !pod.busy && state.waiting > 0)
      replaceWith({ ...pod, busy: true, fetching: false }, { ...state, waiting: state.waiting - 1 });
    if (pod.paused && pod.fetching) replaceWith({ ...pod, fetching: false });
    if (pod.busy) replaceWith({ ...pod, busy: false, fetching: !pod.paused });
    // Without Redis a process follows its request for `forMs` from the last reading, which is longer than its report counts
    // as fresh, plus a tick, plus the controller's delay.
    if (pod.paused && tick === null && !outstanding)
      replaceWith(
        { ...pod, paused: false, request: null, fetching: !pod.busy },
        { ...state, reports: state.reports.with(index, null) },
      );
    // Its container crashes and starts again; the report may stay behind.
    const turned = pod.turned || (pod.ready && outstanding);
    replaceWith({ ...BOOTING, marked: pod.marked, turned }, touched({ ...state, waiting }));
  });
  return next.map(settled);
}

export function advance(state: State, tick: Tick, flaws: Flaws): State {
  if (tick.stage === 'read') return write(state, tick, flaws);
  return tick.stage === 'written' && tick.to < tick.from
    ? mark(state, tick, flaws)
    : patch(state, tick, flaws);
}

/** A pod that turned while a removal was outstanding counts as such only as long as one is. */
function settled(state: State): State {
  if (countOf(state) > state.replicas || !state.pods.some((pod) => pod?.turned)) return state;
  return { ...state, pods: state.pods.map((pod) => (pod === null ? null : { ...pod, turned: false })) };
}

/** The target's version changes with its pods. */
function touched(state: State): State {
  return state.tick?.stage === 'marked' ? { ...state, tick: { ...state.tick, stale: true } } : state;
}

/** The pod is gone, and with it all that names it. */
function without(state: State, index: number): State {
  const gone = String(index);
  const rest = (names: readonly string[] | undefined): readonly string[] =>
    (names ?? []).filter((name) => name !== gone);
  const { request, tick } = state;
  const requestWithout = (made: StoredDrainRequest | null): StoredDrainRequest | null =>
    made === null ? null : { ...made, names: rest(made.names) };
  return {
    ...state,
    request: requestWithout(request),
    pods: state.pods
      .with(index, null)
      .map((pod) => (pod === null ? null : { ...pod, request: requestWithout(pod.request) })),
    reports: state.reports.with(index, null),
    tick:
      tick === null
        ? null
        : {
            ...tick,
            remove: rest(tick.remove),
            step: 'limit' in tick.step ? { ...tick.step, names: rest(tick.step.names) } : tick.step,
          },
  };
}

function requestOf(epoch: string, names: readonly string[] | undefined): StoredDrainRequest {
  return { epoch, limit: 100_000, names: [...(names ?? [])], since: 0, forMs: 1 };
}

/** Equal for states that differ only in the names of their epochs. */
export function keyOf(state: State): string {
  const epochs: string[] = [];
  const epoch = (name: string | null | undefined): string => {
    if (name === null || name === undefined) return '-';
    const known = epochs.indexOf(name);
    return String(known >= 0 ? known : epochs.push(name) - 1);
  };
  const made = (request: StoredDrainRequest | null): string =>
    request === null ? '' : `${epoch(request.epoch)}/${(request.names ?? []).toSorted().join('')}`;
  const { replicas, waiting, killed, rolling, sentWhileRolling, request, pods, reports, tick } = state;
  return [
    `${replicas}${waiting}${killed}${Number(rolling)}${sentWhileRolling}`,
    made(request),
    ...pods.map((pod) =>
      pod === null
        ? ''
        : [pod.up, pod.ready, pod.turned, pod.marked, pod.paused, pod.fetching, pod.busy]
            .map(Number)
            .join('') + made(pod.request),
    ),
    ...reports.map((report) => (report === null ? '' : epoch(report.resting))),
    tick === null ? '' : `${tick.from}${tick.to}${tick.stage}${Number(tick.stale)}${epoch(tick.readEpoch)}`,
    tick === null
      ? ''
      : `${tick.step.kind}${'limit' in tick.step ? (tick.step.names ?? []).toSorted().join('') : ''}/${(tick.remove ?? []).join('')}`,
  ].join();
}

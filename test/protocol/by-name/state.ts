import { NO_LIMIT } from '../../../src/core/drain-by-name.ts';
import type { StoredDrainRequest } from '../../../src/worker/keys.ts';
import { BOOTING_PROCESS, IDLE_PROCESS, type WorkerProcess } from '../worker-process.ts';
import { epochNumbers, type Decided, type Report, type SharedFlaws } from '../shared.ts';

/** One pod with its worker process, as far as the protocol sees it. */
export type Pod = WorkerProcess & {
  /** Of the ReplicaSet of an earlier template: a rollout replaces it, whatever it runs. */
  readonly old: boolean;
  readonly ready: boolean;
  /** It became not ready, or came up, after the scale was set and before the controller chose: the platform alone takes it. */
  readonly turned: boolean;
  readonly marked: boolean;
};

/** A tick of a clock between its reading and its end. */
export type Tick = Decided & {
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
  /** The fewest pods that a tick may want; the same in every state of a check. */
  readonly fewest: number;
  /** How many more may happen. */
  readonly failures: number;
  readonly rollouts: number;
  /** Jobs cut by a scale-down of ours. */
  readonly killed: number;
};

export type Flaws = SharedFlaws & {
  readonly ignoresRank?: boolean;
  readonly neverMarks?: boolean;
  readonly ignoresOwner?: boolean;
  readonly ignoresVersion?: boolean;
  readonly releasesOutstanding?: boolean;
};

export const PODS = 2;

const NEW = { old: false, ready: false, turned: false, marked: false } as const;
export const BOOTING: Pod = { ...NEW, ...BOOTING_PROCESS };
const IDLE: Pod = { ...NEW, ...IDLE_PROCESS, ready: true };

/** All pods wait for jobs, and nothing is requested. */
export const START: State = {
  replicas: PODS,
  waiting: 0,
  request: null,
  epochs: 0,
  pods: Array.from({ length: PODS }, () => IDLE),
  reports: Array.from({ length: PODS }, () => ({ resting: undefined })),
  tick: null,
  fewest: 0,
  failures: 0,
  rollouts: 0,
  killed: 0,
};

/** The first pod runs a job, and the second one has drained. */
export const DRAINED: State = {
  ...START,
  request: requestOf('e1', ['1']),
  epochs: 1,
  pods: [
    { ...IDLE, fetching: false, busy: true },
    { ...IDLE, fetching: false, paused: true, request: requestOf('e1', ['1']) },
  ],
  reports: [{ resting: undefined }, { resting: 'e1' }],
};

/** And it is to be removed. */
export const OUTSTANDING: State = {
  ...DRAINED,
  replicas: 1,
  pods: DRAINED.pods.map((pod, index) => (pod === null ? null : { ...pod, marked: index === 1 })),
};

export function requestOf(epoch: string, names: readonly string[] | undefined): StoredDrainRequest {
  return { epoch, limit: NO_LIMIT, names: [...(names ?? [])], since: 0, forMs: 1 };
}

export function countOf({ pods }: Pick<State, 'pods'>): number {
  return pods.filter((pod) => pod !== null).length;
}

/** As the adapter ranks pods: one that has not come up is pending. */
export function rankOf({ up, ready }: Pod): number {
  return up ? (ready ? 4 : 3) : 1;
}

/** The target's version changes with its pods and its template. */
export function touched(state: State): State {
  return state.tick?.stage === 'marked' ? { ...state, tick: { ...state.tick, stale: true } } : state;
}

/** The pod is gone, and with it all that names it. */
export function without(state: State, index: number): State {
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

/** Equal for states that differ only in the names of their epochs. */
export function keyOf(state: State): string {
  const epoch = epochNumbers();
  const made = (request: StoredDrainRequest | null): string =>
    request === null ? '' : `${epoch(request.epoch)}/${(request.names ?? []).toSorted().join('')}`;
  const { replicas, waiting, killed, failures, rollouts, request, pods, reports, tick } = state;
  return [
    `${replicas}${waiting}${killed}${failures}${rollouts}`,
    made(request),
    ...pods.map((pod) =>
      pod === null
        ? ''
        : [pod.old, pod.up, pod.ready, pod.turned, pod.marked, pod.paused, pod.fetching, pod.busy]
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

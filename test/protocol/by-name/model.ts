import { MOST_WAITING } from '../shared.ts';
import { heartbeatOf, stepsOf, withoutRedis } from '../worker-process.ts';
import { advance, observe } from './clock.ts';
import {
  BOOTING,
  countOf,
  PODS,
  rankOf,
  touched,
  without,
  type Flaws,
  type Pod,
  type State,
} from './state.ts';

/**
 * What the controllers may do now. A ReplicaSet's takes its pod of the lowest rank, then a marked one; what is equal in any
 * order. A Deployment's replaces old pods one by one (maxSurge 0), and takes what is surplus from either ReplicaSet.
 */
export function controllerSteps(state: State): State[] {
  const { pods, replicas } = state;
  const count = countOf(state);
  if (count < replicas) {
    const place = pods.indexOf(null);
    return place < 0 ? [] : [touched({ ...state, pods: pods.with(place, BOOTING) })];
  }
  const steps = lowestOf(state, true);
  return count > replicas ? [...steps, ...lowestOf(state, false)] : steps;
}

function lowestOf(state: State, old: boolean): State[] {
  const order = (pod: Pod): number => 2 * rankOf(pod) + (pod.marked ? 0 : 1);
  const own = state.pods.flatMap((pod, index) => (pod?.old === old ? [{ pod, index }] : []));
  const lowest = Math.min(...own.map(({ pod }) => order(pod)));
  return own.flatMap(({ pod, index }) => {
    if (order(pod) !== lowest) return [];
    const ours = pod.busy && !pod.turned && !pod.old;
    return [touched({ ...without(state, index), killed: state.killed + (ours ? 1 : 0) })];
  });
}

/** A pod that comes up while a removal is outstanding has turned since. */
export function heartbeat(state: State, index: number, flaws: Flaws): State {
  const pod = state.pods[index];
  if (!pod) return state;
  const self = { name: String(index), ordinal: undefined };
  const { process, report } = heartbeatOf(pod, self, state.request, flaws);
  const turned = pod.up ? pod.turned : countOf(state) > state.replicas;
  const beaten = {
    ...state,
    pods: state.pods.with(index, { ...process, turned }),
    reports: state.reports.with(index, report),
  };
  return pod.up ? beaten : touched(beaten);
}

/** Everything that may happen next, as long as failures and rollouts are left. */
export function successors(state: State, flaws: Flaws): State[] {
  const next = goesWell(state, flaws);
  if (state.failures > 0) next.push(...failures({ ...state, failures: state.failures - 1 }));
  if (state.rollouts > 0) {
    const pods = state.pods.map((pod) => (pod === null ? null : { ...pod, old: true }));
    next.push(touched({ ...state, pods, rollouts: state.rollouts - 1 }));
  }
  return next.map(settled);
}

function goesWell(state: State, flaws: Flaws): State[] {
  const next: State[] = [];
  const { pods, tick } = state;
  if (state.waiting < MOST_WAITING) next.push({ ...state, waiting: state.waiting + 1 });
  if (tick === null) {
    // Jobs age and peaks expire between ticks, so it may want any quantity, whatever was wanted before.
    for (let wanted = state.fewest; wanted <= PODS; wanted += 1)
      next.push({ ...state, tick: observe(state, flaws, wanted) });
  } else {
    next.push(advance(state, tick, flaws));
  }
  next.push(...controllerSteps(state));
  pods.forEach((pod, index) => {
    if (pod === null) return;
    const replaceWith = (process: Pod, base: State): void => {
      next.push({ ...base, pods: base.pods.with(index, process) });
    };
    next.push(heartbeat(state, index, flaws));
    if (!pod.up) return;
    if (!pod.ready) replaceWith({ ...pod, ready: true, turned: false }, touched(state));
    for (const { process, waiting } of stepsOf(pod, state.waiting))
      replaceWith(process, { ...state, waiting });
  });
  return next;
}

function failures(state: State): State[] {
  const next: State[] = [];
  const { pods, request, tick } = state;
  const outstanding = countOf(state) > state.replicas;
  // The tick reaches its deadline, the clock dies, or another clock takes over and starts its own tick.
  if (tick !== null) next.push({ ...state, tick: null });
  // The request expires. Once written it outlives a tick's deadline and the controller's delay.
  if (request !== null && (tick === null || tick.stage === 'read') && !outstanding)
    next.push({ ...state, request: null });

  pods.forEach((pod, index) => {
    if (pod === null) return;
    const replaceWith = (process: Pod, base: State): void => {
      next.push({ ...base, pods: base.pods.with(index, process) });
    };
    // A node is drained, or dies: the platform takes the pod, busy or not, and its job is returned to the queue.
    const waiting = Math.min(MOST_WAITING, state.waiting + (pod.busy ? 1 : 0));
    next.push(touched({ ...without(state, index), waiting }));
    if (!pod.up) return;
    if (pod.ready) replaceWith({ ...pod, ready: false, turned: outstanding }, touched(state));
    // Without Redis a process follows its request for `forMs` from the last reading, which is longer than its report counts
    // as fresh, plus a tick, plus the controller's delay.
    if (pod.paused && tick === null && !outstanding)
      replaceWith(withoutRedis(pod), { ...state, reports: state.reports.with(index, null) });
    // Its container crashes and starts again; the report may stay behind.
    const turned = pod.turned || (pod.ready && outstanding);
    replaceWith({ ...BOOTING, old: pod.old, marked: pod.marked, turned }, touched({ ...state, waiting }));
  });
  return next;
}

/** A pod that turned while a removal was outstanding counts as such only as long as one is. */
function settled(state: State): State {
  if (countOf(state) > state.replicas || !state.pods.some((pod) => pod?.turned)) return state;
  return { ...state, pods: state.pods.map((pod) => (pod === null ? null : { ...pod, turned: false })) };
}

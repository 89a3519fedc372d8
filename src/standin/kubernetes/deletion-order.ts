import type { Pod, PodPhase } from './objects.ts';
import { isActive, isReady, readyAt, restartsOf } from './pod-state.ts';

/** The annotation by which a client ranks the pods of a ReplicaSet: lower goes first. */
export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const PHASES: Readonly<Record<PodPhase, number>> = {
  Pending: 0,
  Unknown: 1,
  Running: 2,
  Succeeded: 2,
  Failed: 2,
};

/** One rule of the order: negative if `a` goes before `b`, zero if the rule does not decide. */
type Rule = (a: Pod, b: Pod) => number;

/**
 * The pods that a ReplicaSet deletes to lose `count`, first victim first. `related` are the pods of every ReplicaSet of
 * the same owner; `now` is epoch ms. The rules are those of the type ActivePodsWithRanks in Kubernetes's
 * pkg/controller/controller_utils.go (1.22 and later, with PodDeletionCost and LogarithmicScaleDown on).
 */
export function chooseVictims(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  now: number,
): readonly Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related.filter(isActive)) onNode.set(nodeOf(pod), (onNode.get(nodeOf(pod)) ?? 0) + 1);
  const rules = rulesOf((pod) => onNode.get(nodeOf(pod)) ?? 0, now);
  // The rules form cycles where ages share a power of two. Sorted by UID before, every order of the list ends the same.
  return pods
    .toSorted((a, b) => compareTexts(a.metadata.uid, b.metadata.uid))
    .toSorted((a, b) => firstDecisive(rules, a, b))
    .slice(0, Math.max(0, count));
}

/** The cost in a pod's annotations; 0 where it is absent or not a 32-bit integer in plain form. */
export function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text === undefined || !isDeletionCost(text) ? 0 : Number(text);
}

export function isDeletionCost(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,9})$/.test(text) && Math.abs(Number(text) + 0.5) < 2 ** 31;
}

function rulesOf(colocated: (pod: Pod) => number, now: number): readonly Rule[] {
  return [
    // Unassigned before assigned.
    (a, b) => Number(nodeOf(a) !== '') - Number(nodeOf(b) !== ''),
    // Pending before Unknown before Running.
    (a, b) => PHASES[a.status.phase] - PHASES[b.status.phase],
    // Not ready before ready.
    (a, b) => Number(isReady(a)) - Number(isReady(b)),
    // Lower deletion cost before higher.
    (a, b) => deletionCost(a) - deletionCost(b),
    // More active pods of the same owner on its node before fewer.
    (a, b) => colocated(b) - colocated(a),
    // Ready for a shorter time before longer, in powers of two; then by UID.
    (a, b) => byAge(a, b, readyAt, now),
    // More restarts before fewer.
    (a, b) => restartsOf(b) - restartsOf(a),
    // Created later before earlier, in powers of two; then by UID.
    (a, b) => byAge(a, b, (pod) => Date.parse(pod.metadata.creationTimestamp), now),
  ];
}

function firstDecisive(rules: readonly Rule[], a: Pod, b: Pod): number {
  for (const rule of rules) {
    const order = rule(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

function byAge(a: Pod, b: Pod, since: (pod: Pod) => number | undefined, now: number): number {
  const [from, to] = [since(a), since(b)];
  if (from === undefined || to === undefined || from === to) return 0;
  return magnitude(now - from) - magnitude(now - to) || compareTexts(a.metadata.uid, b.metadata.uid);
}

/** The binary order of magnitude of an age; Kubernetes takes that of nanoseconds. */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}

function nodeOf(pod: Pod): string {
  return pod.spec.nodeName ?? '';
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

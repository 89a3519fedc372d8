import type { IntOrPercent, Workload } from './objects.ts';

/** Annotations by which a ReplicaSet remembers the size of its Deployment when it was last scaled. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** The sizes that a Deployment's ReplicaSets are to have, by name; those that are not named stay. */
export type Sizes = ReadonlyMap<string, number>;

type Sets = { readonly fresh: Workload; readonly old: readonly Workload[] };

/**
 * The next sizes of a Deployment's ReplicaSets. The rules are those of Kubernetes's pkg/controller/deployment (sync.go,
 * rolling.go, recreate.go, util): a change of replicas during a rollout is shared out in proportion, a rollout first
 * adds pods up to maxSurge, then removes unavailable old pods, then available ones down to maxUnavailable.
 * `leftovers`: pods of old ReplicaSets that still exist, which Recreate waits for.
 */
export function deploymentSizes(deployment: Workload, sets: Sets, leftovers: number): Sizes {
  const all = [...sets.old, sets.fresh];
  const { replicas } = deployment.spec;
  const active = all.filter((set) => set.spec.replicas > 0);
  const resized = active.some((set) => set.metadata.annotations?.[DESIRED_REPLICAS] !== String(replicas));
  if (deployment.spec.paused === true || resized) return scaled(deployment, sets, active);
  if (deployment.spec.strategy?.type === 'Recreate') {
    const old = sets.old.filter((set) => set.spec.replicas > 0);
    if (old.length > 0) return new Map(old.map((set) => [set.metadata.name, 0]));
    return leftovers > 0 ? new Map() : new Map([[sets.fresh.metadata.name, replicas]]);
  }
  const grown = freshSize(deployment, all, sets.fresh);
  if (grown !== sets.fresh.spec.replicas) return new Map([[sets.fresh.metadata.name, grown]]);
  return shrunkOld(deployment, sets);
}

/** The size that a new ReplicaSet may have beside the others. */
export function freshSize(deployment: Workload, all: readonly Workload[], fresh: Workload): number {
  const { replicas } = deployment.spec;
  if (deployment.spec.strategy?.type === 'Recreate') return replicas;
  if (fresh.spec.replicas >= replicas) return replicas;
  const room = replicas + maxSurge(deployment) - total(all);
  return room <= 0 ? fresh.spec.replicas : Math.min(replicas, fresh.spec.replicas + room);
}

export function maxSurge(deployment: Workload): number {
  return fenceposts(deployment).surge;
}

function scaled(deployment: Workload, { fresh, old }: Sets, active: readonly Workload[]): Sizes {
  const { replicas } = deployment.spec;
  if (active.length <= 1) return new Map([[(active[0] ?? fresh).metadata.name, replicas]]);
  const saturated = fresh.spec.replicas === replicas && (fresh.status.availableReplicas ?? 0) === replicas;
  if (saturated) return new Map(old.map((set) => [set.metadata.name, 0]));
  if (deployment.spec.strategy?.type === 'Recreate') return new Map();
  return inProportion(deployment, active);
}

/** Shares a change out over the ReplicaSets of a rollout, the largest first; the largest takes what is left over. */
function inProportion(deployment: Workload, active: readonly Workload[]): Sizes {
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0;
  const change = allowed - total(active);
  // Of equal sizes the newer grows first, and the older shrinks first.
  const sorted = active.toSorted(
    (a, b) =>
      b.spec.replicas - a.spec.replicas ||
      (change > 0 ? createdAt(b) - createdAt(a) : createdAt(a) - createdAt(b)),
  );
  let added = 0;
  const sizes = new Map<string, number>();
  for (const set of sorted) {
    const part = proportion(set, deployment, change - added);
    sizes.set(set.metadata.name, set.spec.replicas + part);
    added += part;
  }
  const largest = sorted[0]?.metadata.name ?? '';
  sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + change - added));
  return sizes;
}

function proportion(set: Workload, deployment: Workload, left: number): number {
  if (left === 0) return 0;
  const { replicas } = deployment.spec;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? deployment.status.replicas);
  const size =
    replicas === 0 ? 0 : roundHalfAway((set.spec.replicas * (replicas + maxSurge(deployment))) / before);
  const part = size - set.spec.replicas;
  return left > 0 ? Math.min(part, left) : Math.max(part, left);
}

function shrunkOld(deployment: Workload, { fresh, old }: Sets): Sizes {
  const sizes = new Map<string, number>();
  const minAvailable = deployment.spec.replicas - fenceposts(deployment).unavailable;
  const unavailableFresh = fresh.spec.replicas - (fresh.status.availableReplicas ?? 0);
  const sorted = old.filter((set) => set.spec.replicas > 0).toSorted((a, b) => createdAt(a) - createdAt(b));
  let spare = total([...old, fresh]) - minAvailable - unavailableFresh;
  if (sorted.length === 0 || spare <= 0) return sizes;
  for (const set of sorted) {
    const unhealthy = Math.max(0, set.spec.replicas - (set.status.availableReplicas ?? 0));
    const fewer = Math.min(spare, unhealthy);
    if (fewer > 0) sizes.set(set.metadata.name, set.spec.replicas - fewer);
    spare -= fewer;
  }
  const available = [...old, fresh].reduce((sum, set) => sum + (set.status.availableReplicas ?? 0), 0);
  let excess = available - minAvailable;
  for (const set of sorted) {
    const size = sizes.get(set.metadata.name) ?? set.spec.replicas;
    const fewer = Math.min(size, Math.max(0, excess));
    if (fewer > 0) sizes.set(set.metadata.name, size - fewer);
    excess -= fewer;
  }
  return sizes;
}

/** Pods above and below the replicas that a rollout may have: percentages round up above and down below. */
function fenceposts(deployment: Workload): { readonly surge: number; readonly unavailable: number } {
  const { strategy, replicas } = deployment.spec;
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas };
  const surge = resolved(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil);
  const unavailable = resolved(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor);
  return { surge, unavailable: Math.min(replicas, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

function resolved(value: IntOrPercent, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * of) / 100);
}

function total(sets: readonly Workload[]): number {
  return sets.reduce((sum, set) => sum + set.spec.replicas, 0);
}

function createdAt(set: Workload): number {
  return Date.parse(set.metadata.creationTimestamp);
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

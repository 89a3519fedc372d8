import type { ListedWorker } from '../../core/worker-naming.ts';
import type { ObservedLimit } from '../../ports/platform.ts';
import { fieldsOf } from '../http/answer.ts';
import { malformed } from './refusal.ts';

/** What a ReplicaSet's controller compares before all but a pod's node, phase and readiness; the lowest goes first. */
export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
/** The lowest there is, so that whatever else sets the annotation, ours go first. */
export const MARK = '-2147483648';

/** A pod as far as Drover reads it. */
export type Pod = ListedWorker & {
  /** The uid of the controller it belongs to; empty: none. */
  readonly owner: string;
  /** Why no node takes it, and since when (epoch ms). */
  readonly unschedulable?: { readonly reason: string; readonly since: number } | undefined;
};

/** The rank of a pod that is ready: only then do marks decide. */
export const READY = 4;

/** Nodes take minutes to be added; meanwhile a pod that waits for one is no limit. */
const UNSCHEDULABLE_MS = 60_000;
const LONGEST_REASON = 200;

/** Pods that have not ended, of a list of them. Throws KUBERNETES_REPLY: a list that is none is unknown, not empty. */
export function podsOf(json: unknown): readonly Pod[] {
  const { items } = fieldsOf(json);
  if (!Array.isArray(items)) throw malformed('with something other than a list of pods');
  return items.flatMap((item: unknown) => {
    const { phase } = fieldsOf(fieldsOf(item)['status']);
    // The controllers do not count them either.
    return phase === 'Succeeded' || phase === 'Failed' ? [] : [podOf(item)];
  });
}

function podOf(json: unknown): Pod {
  const { metadata, spec, status } = fieldsOf(json);
  const { name, creationTimestamp, deletionTimestamp, annotations, ownerReferences } = fieldsOf(metadata);
  if (typeof name !== 'string' || name === '' || name.length > 253)
    throw malformed('with a pod without a name');
  const owners = Array.isArray(ownerReferences) ? ownerReferences.map(fieldsOf) : [];
  const owner = owners.find(({ controller }) => controller === true)?.['uid'];
  return {
    name,
    startedAt: timeOf(creationTimestamp),
    leaving: deletionTimestamp !== undefined && deletionTimestamp !== null,
    running: isRunning(status),
    rank: rankOf(spec, status),
    marked: fieldsOf(annotations)[DELETION_COST] === MARK,
    owner: typeof owner === 'string' ? owner : '',
    unschedulable: unschedulableOf(status),
  };
}

/**
 * The controller's order before the annotation counts: without a node, pending, of unknown phase, not ready, ready
 * (ActivePodsWithRanks in Kubernetes' pkg/controller/controller_utils.go).
 */
function rankOf(spec: unknown, status: unknown): number {
  const { phase } = fieldsOf(status);
  if (!fieldsOf(spec)['nodeName']) return 0;
  if (phase === 'Pending') return 1;
  if (phase !== 'Running') return 2;
  return conditionOf(status, 'Ready')?.['status'] === 'True' ? READY : 3;
}

/** Unknown counts as running. */
function isRunning(status: unknown): boolean {
  const { phase, containerStatuses } = fieldsOf(status);
  if (!Array.isArray(containerStatuses)) return phase !== 'Pending';
  return containerStatuses.some((container) => {
    const { running, waiting, terminated } = fieldsOf(fieldsOf(container)['state']);
    return running !== undefined || (waiting === undefined && terminated === undefined);
  });
}

function unschedulableOf(status: unknown): Pod['unschedulable'] {
  const condition = conditionOf(status, 'PodScheduled');
  if (condition?.['status'] !== 'False' || condition['reason'] !== 'Unschedulable') return undefined;
  return { reason: textOf(condition['message']), since: timeOf(condition['lastTransitionTime']) };
}

function conditionOf(status: unknown, type: string): Readonly<Record<string, unknown>> | undefined {
  const { conditions } = fieldsOf(status);
  return Array.isArray(conditions)
    ? conditions.map(fieldsOf).find((condition) => condition['type'] === type)
    : undefined;
}

/** Fewer pods than are set have a node, for a reason that lasts. `now`: epoch ms by the API server. */
export function limitByNodes(active: readonly Pod[], now: number): ObservedLimit | undefined {
  const waiting = active.filter(
    ({ unschedulable }) => unschedulable !== undefined && now - unschedulable.since >= UNSCHEDULABLE_MS,
  );
  const reason = waiting[0]?.unschedulable?.reason;
  return reason === undefined
    ? undefined
    : { count: active.length - waiting.length, kind: 'unschedulable', reason };
}

/** A text of the cluster for people: one line, not too long. */
export function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim() : '';
  if (text === '') return 'no reason given';
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON - 1)}…` : text;
}

export function timeOf(value: unknown): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}

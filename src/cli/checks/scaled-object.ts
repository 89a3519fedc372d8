import type { ReplicaRules } from '../../adapters/kubernetes/scaled-object.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { warn, type Check } from './check.ts';

/** Whether KEDA can set each number that Drover may publish, and no other. */
export function checkReplicaRules(
  name: string,
  { min, max, fallback }: ReplicaRules,
  settings: ProcessTypeSettings,
): Check[] {
  const windows = settings.limits?.windows ?? [];
  const least = Math.min(settings.min, ...windows.map((window) => window.min));
  const most = Math.max(settings.max, ...windows.map((window) => window.max));
  const [minimum, maximum] = [
    least === settings.min ? 'MIN_WORKERS' : 'the minimum in LIMITS',
    most === settings.max ? 'MAX_WORKERS' : 'the maximum in LIMITS',
  ];
  const check = `ScaledObject ${name}`;
  return [
    ...(min > least
      ? [
          warn(
            check,
            `keeps at least ${min} replicas (minReplicaCount), more than ${minimum}, which is ${least}: pods that Drover has drained stay, and take no jobs`,
            `Set minReplicaCount to ${least}, or raise ${minimum}.`,
          ),
        ]
      : []),
    ...(max < most
      ? [
          warn(
            check,
            `sets at most ${max} replicas (maxReplicaCount), fewer than ${maximum}, which is ${most}: KEDA starts no more, however many jobs wait`,
            `Set maxReplicaCount to ${most}, or lower ${maximum}.`,
          ),
        ]
      : []),
    ...(fallback !== undefined && fallback < most
      ? [
          warn(
            check,
            `has a fallback to ${fallback} replicas: when Drover does not answer, KEDA removes pods that run jobs`,
            'Remove fallback: without an answer the replicas then stay as they are.',
          ),
        ]
      : []),
  ];
}

import type { FormationState } from '../../ports.ts';
import { Failure, failureOf } from '../../failure.ts';
import { kubernetesClient } from './client.ts';
import { kubernetesFormation, type TargetOptions } from './formation.ts';
import type { RequestContext } from './refusal.ts';
import { autoscalerFinder } from './standstill.ts';
import { targetClient } from './target-client.ts';

/** A right that the service account lacks, and what does not work without it. */
export type MissingRight = Pick<RequestContext, 'verb' | 'resource'> & {
  readonly needed: boolean;
  readonly lost: string;
};

/** What `check` reads before anything runs. */
export type KubernetesPreflight = {
  read(signal: AbortSignal): Promise<ReadonlyMap<string, FormationState | Failure>>;
  /** Throws a Failure where the API server does not say. */
  missingRights(processType: string, signal: AbortSignal): Promise<readonly MissingRight[]>;
  /** What else scales the target. Throws a Failure. */
  autoscaler(processType: string, signal: AbortSignal): Promise<string | undefined>;
};

/** `sets` false: KEDA sets the replicas. */
export function kubernetesPreflight(options: TargetOptions, sets: boolean): KubernetesPreflight {
  const client = kubernetesClient(options);
  const formation = kubernetesFormation(options);
  const find = autoscalerFinder(client, options.namespace);
  const targetOf = (processType: string) => {
    const target = options.targets.get(processType);
    if (target === undefined) throw failureOf(new TypeError('no target'));
    return target;
  };
  return {
    read: async (signal) => await formation.read([...options.targets.keys()], signal),
    async missingRights(processType, signal) {
      const target = targetOf(processType);
      const own = targetClient(client, target, options.namespace);
      const resource = target.group === 'apps' ? target.resource : `${target.resource}.${target.group}`;
      const rights: readonly MissingRight[] = [
        { verb: 'get', resource: `${resource}/scale`, needed: true, lost: 'the replicas cannot be read' },
        ...(sets
          ? [
              {
                verb: 'patch',
                resource: `${resource}/scale`,
                needed: true,
                lost: 'the replicas cannot be set',
              } as const,
            ]
          : []),
        { verb: 'list', resource: 'pods', needed: true, lost: 'the pods cannot be read' },
        ...(target.kind === 'statefulset'
          ? []
          : [
              {
                verb: 'patch',
                resource: 'pods',
                needed: true,
                lost: 'no pod can be marked, so none is removed',
              } as const,
            ]),
        ...(target.kind === 'other'
          ? []
          : [
              {
                verb: 'get',
                resource,
                needed: target.kind === 'statefulset',
                lost: 'a rollout is not seen before a change',
              } as const,
            ]),
        { verb: 'list', resource: 'events', needed: false, lost: 'a quota is not seen as a limit' },
        {
          verb: 'list',
          resource: 'horizontalpodautoscalers.autoscaling',
          needed: false,
          lost: 'another autoscaler is not noticed',
        },
      ];
      const allowed = await Promise.all(rights.map((right) => own.may(right, signal)));
      return rights.filter((_, index) => allowed[index] === false);
    },
    autoscaler: async (processType, signal) => await find(targetOf(processType), signal),
  };
}

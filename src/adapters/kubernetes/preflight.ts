import { deploymentNamed, statefulSetNamed, targetText, type Target } from '../../config/target.ts';
import { Failure } from '../../failure.ts';
import type { FormationState } from '../../ports/platform.ts';
import { fieldsOf } from '../http/answer.ts';
import { autoscalersOf, type Autoscaler } from './autoscalers.ts';
import { kubernetesClient } from './client.ts';
import { kubernetesFormation, type TargetOptions } from './formation.ts';
import type { RequestContext } from './refusal.ts';
import { targetClient } from './target-client.ts';

/** A right of the service account, and what does not work without it. */
export type Right = Pick<RequestContext, 'verb' | 'resource'> & {
  readonly needed: boolean;
  readonly lost: string;
};

/** What `check` reads before anything runs. All throw a Failure. */
export type KubernetesPreflight = {
  read(signal: AbortSignal): Promise<ReadonlyMap<string, FormationState | Failure>>;
  /** Which of the rights that a process type needs the account has, and which it lacks. */
  rights(
    processType: string,
    signal: AbortSignal,
  ): Promise<{ readonly granted: readonly Right[]; readonly missing: readonly Right[] }>;
  /** What else scales the target. */
  autoscalers(processType: string, signal: AbortSignal): Promise<readonly Autoscaler[]>;
  /** Seconds from SIGTERM to SIGKILL of the target's pods; undefined where its form is not known. */
  graceSeconds(processType: string, signal: AbortSignal): Promise<number | undefined>;
  /** A target of the same name and the other built-in kind, as KUBERNETES_TARGET names it. */
  namesake(processType: string, signal: AbortSignal): Promise<string | undefined>;
};

/** `sets` false: KEDA sets the replicas. */
export function kubernetesPreflight(options: TargetOptions, sets: boolean): KubernetesPreflight {
  const { namespace } = options;
  const client = kubernetesClient(options);
  const formation = kubernetesFormation(options);
  const find = autoscalersOf(client, namespace);
  const targetOf = (processType: string) => {
    const target = options.targets.get(processType);
    if (target === undefined) throw new Failure('UNEXPECTED', 'a process type has no target', 'Report it.');
    return { target, own: targetClient(client, target, namespace) };
  };
  return {
    read: async (signal) => await formation.read([...options.targets.keys()], signal),
    async rights(processType, signal) {
      const { target, own } = targetOf(processType);
      const rights = rightsFor(target, sets);
      const allowed = await Promise.all(rights.map((right) => own.may(right, signal)));
      return {
        granted: rights.filter((_, index) => allowed[index] !== false),
        missing: rights.filter((_, index) => allowed[index] === false),
      };
    },
    autoscalers: async (processType, signal) => await find(targetOf(processType).target, signal),
    async graceSeconds(processType, signal) {
      const { target, own } = targetOf(processType);
      if (target.kind === 'other') return undefined;
      const { template } = fieldsOf(fieldsOf(await own.object(signal))['spec']);
      const { terminationGracePeriodSeconds: seconds } = fieldsOf(fieldsOf(template)['spec']);
      return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0
        ? seconds
        : undefined;
    },
    async namesake(processType, signal) {
      const { kind, name } = targetOf(processType).target;
      if (kind === 'other') return undefined;
      const other = kind === 'deployment' ? statefulSetNamed(name) : deploymentNamed(name);
      try {
        await targetClient(client, other, namespace).scale(signal);
        return targetText(other);
      } catch {
        return undefined;
      }
    },
  };
}

/** All but those to list other autoscalers, which `autoscalers` shows by doing so. */
function rightsFor({ kind, resource, group }: Target, sets: boolean): readonly Right[] {
  const whole = group === 'apps' ? resource : `${resource}.${group}`;
  const needed = (verb: Right['verb'], of: string, lost: string): Right => ({
    verb,
    resource: of,
    needed: true,
    lost,
  });
  return [
    needed('get', `${whole}/scale`, 'the replicas cannot be read'),
    ...(sets ? [needed('patch', `${whole}/scale`, 'the replicas cannot be set')] : []),
    needed('list', 'pods', 'the pods cannot be read'),
    ...(kind === 'statefulset'
      ? [needed('get', whole, 'where the numbers of its pods begin cannot be read')]
      : [needed('patch', 'pods', 'no pod can be marked, so none is removed')]),
    ...(kind === 'deployment'
      ? [
          {
            verb: 'get',
            resource: whole,
            needed: false,
            lost: 'a rollout is not seen before a change',
          } as const,
        ]
      : []),
    { verb: 'list', resource: 'events', needed: false, lost: 'a quota is not seen as a limit' },
  ];
}

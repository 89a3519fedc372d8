import { kubernetesPreflight, type KubernetesPreflight } from '../../adapters/kubernetes/preflight.ts';
import type { KubernetesAccess, ProcessTypeSettings } from '../../config/settings.ts';
import { targetText } from '../../config/target.ts';
import { activeOf } from '../../core/worker-naming.ts';
import { Failure, failureOf } from '../../failure.ts';
import type { FormationState } from '../../ports.ts';
import { targetsOf } from '../composition.ts';
import { counted } from '../views/figures.ts';
import { fail, failed, pass, warn, type Check } from './check.ts';
import type { PlatformChecks } from './heroku.ts';

/** The cluster, the targets, the rights of the service account, and whether something else scales too. */
export async function checkKubernetes(
  access: KubernetesAccess,
  processTypes: readonly ProcessTypeSettings[],
  signal: AbortSignal,
): Promise<PlatformChecks> {
  try {
    const preflight = kubernetesPreflight(await targetsOf(access), access.platform !== 'keda');
    const states = await preflight.read(signal);
    const checks = await Promise.all(
      processTypes.map(async ({ processType }) => {
        const target = access.targets.get(processType);
        const name = target === undefined ? processType : targetText(target);
        return [
          ...stateChecks(name, states.get(processType)),
          ...(await rightChecks(preflight, processType, signal)),
          ...(await autoscalerChecks(preflight, { name, processType, access }, signal)),
        ];
      }),
    );
    const quantities = [...states].flatMap(([processType, state]): [string, number][] =>
      state instanceof Failure ? [] : [[processType, state.quantity]],
    );
    return {
      checks: [pass('namespace', access.namespace), ...unique(checks.flat())],
      quantities: quantities.length === states.size ? new Map(quantities) : undefined,
    };
  } catch (thrown) {
    return { checks: [failed('Kubernetes', failureOf(thrown))], quantities: undefined };
  }
}

function stateChecks(name: string, state: FormationState | Failure | undefined): Check[] {
  if (state === undefined) return [];
  if (state instanceof Failure) return [failed(name, state)];
  const { quantity, naming, limit } = state;
  const how =
    naming.kind === 'listed'
      ? `${counted(activeOf(naming).length, 'pod')} listed, drained by name`
      : `numbered from ${naming.prefix}${naming.first}`;
  return [
    pass(name, `${counted(quantity, 'replica')}; ${how}`),
    ...(limit === undefined
      ? []
      : [
          warn(
            `limit of ${name}`,
            `${limit.count} of ${quantity} pods run: ${limit.reason}`,
            'Raise the quota, add nodes, or lower MAX_WORKERS.',
          ),
        ]),
  ];
}

async function rightChecks(
  preflight: KubernetesPreflight,
  processType: string,
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const missing = await preflight.missingRights(processType, signal);
    return missing.map(({ verb, resource, needed, lost }) =>
      (needed ? fail : warn)(
        `right to ${verb} ${resource}`,
        `missing: ${lost}`,
        `Add ${verb} on ${resource} to the Role of Drover's service account.`,
      ),
    );
  } catch {
    // Readings and writes say themselves what is refused.
    return [];
  }
}

async function autoscalerChecks(
  preflight: KubernetesPreflight,
  {
    name,
    processType,
    access: { platform },
  }: { readonly name: string; readonly processType: string; readonly access: KubernetesAccess },
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const other = await preflight.autoscaler(processType, signal);
    if (platform === 'keda')
      return other === undefined
        ? [
            warn(
              name,
              'has no ScaledObject: no one sets what Drover publishes',
              'Apply deploy/kubernetes/keda, or set PLATFORM to kubernetes.',
            ),
          ]
        : [pass(name, `scaled by ${other}`)];
    return other === undefined
      ? []
      : [
          fail(
            name,
            `is scaled by ${other} too: the two would undo each other's changes, and Drover holds`,
            `Delete it, or do not run Drover for this target.`,
          ),
        ];
  } catch (thrown) {
    const { message, remedy } = failureOf(thrown);
    return [warn(name, `cannot see whether another autoscaler scales it: ${message}`, remedy)];
  }
}

/** Rights of the namespace are the same for each target. */
function unique(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((check) => [`${check.name} ${check.detail}`, check])).values()];
}

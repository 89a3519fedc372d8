import type { Autoscaler } from '../../adapters/kubernetes/autoscalers.ts';
import { kubernetesPreflight, type KubernetesPreflight } from '../../adapters/kubernetes/preflight.ts';
import { KUBERNETES } from '../../adapters/kubernetes/platform.ts';
import type { KubernetesAccess, ProcessTypeSettings } from '../../config/settings.ts';
import { targetText } from '../../config/target.ts';
import { activeOf } from '../../core/worker-naming.ts';
import { Failure, failureOf, type FailureCode } from '../../failure.ts';
import type { FormationState } from '../../ports/platform.ts';
import { describeLimit } from '../../reporting/describe.ts';
import { targetsOf } from '../composition.ts';
import { counted } from '../views/figures.ts';
import { fail, failed, pass, warn, type Check, type PlatformChecks, type PodFacts } from './check.ts';
import { checkReplicaRules } from './scaled-object.ts';

/** Failures of one target. Any other is the same for all targets and requests. */
const OF_TARGET: ReadonlySet<FailureCode> = new Set([
  'KUBERNETES_FORBIDDEN',
  'KUBERNETES_TARGET_MISSING',
  'KUBERNETES_REPLY',
]);

type Subject = {
  readonly preflight: KubernetesPreflight;
  readonly access: KubernetesAccess;
  readonly signal: AbortSignal;
};

/** A process type, the name of its target, and what was read of it. */
type Read = {
  readonly settings: ProcessTypeSettings;
  readonly name: string;
  readonly state: FormationState | Failure;
};

/** The cluster, the targets, the rights of the service account, and whether something else scales too. */
export async function checkKubernetes(
  access: KubernetesAccess,
  processTypes: readonly ProcessTypeSettings[],
  signal: AbortSignal,
): Promise<PlatformChecks> {
  try {
    const preflight = kubernetesPreflight(await targetsOf(access), access.platform !== 'keda');
    const states = await preflight.read(signal);
    const read = processTypes.flatMap((settings): Read[] => {
      const { processType } = settings;
      const [target, state] = [access.targets.get(processType), states.get(processType)];
      return target === undefined || state === undefined
        ? []
        : [{ settings, name: targetText(target), state }];
    });
    const common = read.find(({ state }) => state instanceof Failure && !OF_TARGET.has(state.code));
    if (common?.state instanceof Failure) throw common.state;
    const subject = { preflight, access, signal };
    const checks = await Promise.all(read.map(async (each) => await targetChecks(subject, each)));
    const known = read.flatMap(({ settings: { processType }, state }) =>
      state instanceof Failure ? [] : [{ processType, state }],
    );
    return {
      checks: [pass('namespace', access.namespace), ...unique(checks.flat())],
      quantities:
        known.length === processTypes.length
          ? new Map(known.map(({ processType, state }) => [processType, state.quantity]))
          : undefined,
      pods: new Map(await Promise.all(known.map(async (each) => await podFacts(subject, each)))),
    };
  } catch (thrown) {
    return { checks: [failed('Kubernetes', failureOf(thrown))], quantities: undefined };
  }
}

async function podFacts(
  { preflight, access: { targets }, signal }: Subject,
  { processType, state: { naming } }: { readonly processType: string; readonly state: FormationState },
): Promise<readonly [string, PodFacts]> {
  const graceSeconds = await preflight.graceSeconds(processType, signal).catch(() => undefined);
  const name = targets.get(processType)?.name ?? processType;
  return [processType, { name, byName: naming.kind === 'listed', graceSeconds }];
}

async function targetChecks(subject: Subject, read: Read): Promise<Check[]> {
  const rights = await rightChecks(subject, read);
  const refused = read.state instanceof Failure && read.state.code === 'KUBERNETES_FORBIDDEN';
  return [
    // The missing right says it better.
    ...(refused && rights.length > 0 ? [] : await stateChecks(subject, read)),
    ...rights,
    ...(read.state instanceof Failure ? [] : await autoscalerChecks(subject, read)),
  ];
}

async function stateChecks({ preflight, signal }: Subject, read: Read): Promise<Check[]> {
  const { settings, name, state } = read;
  if (state instanceof Failure) {
    const namesake =
      state.code === 'KUBERNETES_TARGET_MISSING'
        ? await preflight.namesake(settings.processType, signal)
        : undefined;
    return namesake === undefined
      ? [failed(name, state)]
      : [fail(name, `${state.message}, but it has ${namesake}`, `Set KUBERNETES_TARGET=${namesake}.`)];
  }
  const { quantity, naming } = state;
  const how =
    naming.kind === 'listed'
      ? `${counted(activeOf(naming).length, 'pod')} listed, drained by name`
      : `numbered from ${naming.prefix}${naming.first}`;
  return [pass(name, `${counted(quantity, 'replica')}; ${how}`), ...limitChecks(read, state)];
}

function limitChecks({ settings: { min }, name }: Read, { quantity, limit }: FormationState): Check[] {
  if (limit === undefined) return [];
  const tight = limit.count < min;
  const bound = tight ? 'MIN_WORKERS' : 'MAX_WORKERS';
  const { message, remedy } = describeLimit(limit, quantity, KUBERNETES.noun, bound);
  return [
    tight
      ? fail(`limit of ${name}`, `MIN_WORKERS is ${min}, but ${message}`, remedy)
      : warn(`limit of ${name}`, message, remedy),
  ];
}

async function rightChecks(
  { preflight, access: { namespace }, signal }: Subject,
  { settings: { processType } }: Read,
): Promise<Check[]> {
  try {
    const { granted, missing } = await preflight.rights(processType, signal);
    if (granted.length === 0)
      return [
        fail(
          'rights',
          `the service account has none of those that Drover needs in the namespace ${namespace}`,
          `Compare KUBERNETES_NAMESPACE with the namespace of Drover's Role and RoleBinding: kubectl get rolebindings -A. If it is right, apply deploy/kubernetes there.`,
        ),
      ];
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
  { preflight, access: { platform, namespace }, signal }: Subject,
  { settings, name }: Read,
): Promise<Check[]> {
  try {
    const found = await preflight.autoscalers(settings.processType, signal);
    const remove = ({ kind, name: other }: Autoscaler): string =>
      `Delete it: kubectl delete ${kind.toLowerCase()} ${other} -n ${namespace}.`;
    return platform === 'keda'
      ? [
          ...kedaChecks(name, found, remove),
          ...found.flatMap((other) =>
            other.rules === undefined ? [] : checkReplicaRules(other.name, other.rules, settings),
          ),
        ]
      : found.map((other) => rival(name, other, remove));
  } catch (thrown) {
    const { message, remedy } = failureOf(thrown);
    return [warn(name, `cannot see whether another autoscaler scales it: ${message}`, remedy)];
  }
}

type Remove = (autoscaler: Autoscaler) => string;

function kedaChecks(name: string, found: readonly Autoscaler[], remove: Remove): Check[] {
  const scaledObject = found.find(({ kind }) => kind === 'ScaledObject');
  return [
    scaledObject === undefined
      ? warn(
          name,
          'has no ScaledObject: nothing sets what Drover publishes',
          'Apply deploy/kubernetes/keda, or set PLATFORM=kubernetes.',
        )
      : pass(name, `scaled by the ScaledObject ${scaledObject.name}`),
    ...found
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map((other) =>
        fail(
          name,
          `is scaled by the ${other.kind} ${other.name} beside KEDA: the two would undo each other's changes`,
          remove(other),
        ),
      ),
  ];
}

function rival(name: string, other: Autoscaler, remove: Remove): Check {
  const instead =
    other.kind === 'ScaledObject'
      ? 'To keep KEDA, set PLATFORM=keda.'
      : 'To keep it, do not run Drover for this target.';
  return fail(
    name,
    `is scaled by the ${other.kind} ${other.name} too: the two would undo each other's changes, so Drover holds`,
    `${remove(other)} ${instead}`,
  );
}

/** Rights of the namespace are the same for each target. */
function unique(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((check) => [`${check.name} ${check.detail}`, check])).values()];
}

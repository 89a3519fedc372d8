import type { Target } from '../../config/target.ts';
import type { WorkerNaming } from '../../core/worker-naming.ts';
import { Failure, failureOf } from '../../failure.ts';
import type { Formation, FormationState, ObservedLimit } from '../../ports/platform.ts';
import { fieldsOf, isQuantity } from '../http/answer.ts';
import { autoscalersOf } from './autoscalers.ts';
import { kubernetesClient, type KubernetesOptions } from './client.ts';
import { KUBERNETES } from './platform.ts';
import { limitByNodes, type Pod } from './pods.ts';
import { rolloutOf } from './standstill.ts';
import { targetClient, type TargetClient } from './target-client.ts';
import { write } from './write.ts';

export type TargetOptions = KubernetesOptions & {
  readonly namespace: string;
  /** By process type. */
  readonly targets: ReadonlyMap<string, Target>;
};

type Read = {
  readonly replicas: number;
  readonly pods: readonly Pod[];
  readonly limit: ObservedLimit | undefined;
  /** The first number of a StatefulSet's pods; absent: the pods have no numbers. */
  readonly first?: number | undefined;
};

/** Deployments, StatefulSets and whatever else has a scale subresource, in one namespace: two requests a type and tick. */
export function kubernetesFormation(options: TargetOptions): Formation {
  const { namespace } = options;
  const client = kubernetesClient(options);
  const targets = new Map(
    [...options.targets].map(([processType, target]) => [
      processType,
      { target, client: targetClient(client, target, namespace) },
    ]),
  );
  const findAutoscalers = autoscalersOf(client, namespace);
  const targetOf = (processType: string): { readonly target: Target; readonly client: TargetClient } => {
    const found = targets.get(processType);
    if (found === undefined) throw new Failure('UNEXPECTED', 'a process type has no target', 'Report it.');
    return found;
  };

  return {
    platform: KUBERNETES,
    requestsLeft: () => undefined,

    async read(processTypes, signal) {
      const read = await Promise.all(
        processTypes.map(
          async (processType) =>
            [processType, await readTarget(targetOf(processType).client, signal).catch(failureOf)] as const,
        ),
      );
      signal.throwIfAborted();
      const readAt = client.clock.now();
      return new Map(
        read.map(([processType, found]): [string, FormationState | Failure] => {
          if (found instanceof Failure) return [processType, found];
          const elsewhere = read.flatMap(([other, its]) =>
            other === processType || its instanceof Failure ? [] : its.pods.map(({ name }) => name),
          );
          const naming = namingOf(found, targetOf(processType).target, elsewhere);
          const { replicas: quantity, limit } = found;
          return [processType, { processType, quantity, size: '', others: new Map(), readAt, naming, limit }];
        }),
      );
    },

    resize: async (wanted, signal) =>
      await write(targetOf(wanted.processType).client, client.clock, wanted, signal),

    async standstill(processType, signal) {
      const { target, client: own } = targetOf(processType);
      const [[other], rollout] = await Promise.all([
        // Without the right to list them they are not seen; `check` says so.
        findAutoscalers(target, signal).catch(() => []),
        rolloutOf(own, signal),
      ]);
      return other === undefined ? rollout : { kind: 'autoscaler', name: `${other.kind} ${other.name}` };
    },

    async unmark(processType, names, signal) {
      const { client: own } = targetOf(processType);
      const results = await Promise.all(names.map((name) => own.mark(name, false, signal)));
      for (const result of results) if (result.kind !== 'ok') throw result.failure;
    },
  };
}

async function readTarget(target: TargetClient, signal: AbortSignal): Promise<Read> {
  const [{ replicas, pods, at }, object] = await Promise.all([
    readPods(target, signal),
    target.kind === 'statefulset' ? target.object(signal) : undefined,
  ]);
  const active = pods.filter(({ leaving }) => !leaving);
  const refused =
    active.length < replicas ? await target.creationRefused(at, signal).catch(() => undefined) : undefined;
  const limit: ObservedLimit | undefined =
    refused === undefined
      ? limitByNodes(active, at)
      : { count: active.length, kind: 'refused', reason: refused };
  return {
    replicas,
    pods,
    limit,
    ...(target.kind === 'statefulset' ? { first: firstNumber(object) } : {}),
  };
}

async function readPods(
  target: TargetClient,
  signal: AbortSignal,
): Promise<{ readonly replicas: number; readonly pods: readonly Pod[]; readonly at: number }> {
  const { replicas, selector } = await target.scale(signal);
  return { replicas, ...(await target.pods(selector, signal)) };
}

/** `spec.ordinals.start`, which is 0 unless it is set. */
function firstNumber(object: unknown): number {
  const { start } = fieldsOf(fieldsOf(fieldsOf(object)['spec'])['ordinals']);
  return isQuantity(start) ? start : 0;
}

function namingOf({ pods, first }: Read, { name }: Target, elsewhere: readonly string[]): WorkerNaming {
  return first === undefined
    ? { kind: 'listed', workers: pods, elsewhere }
    : { kind: 'numbered', prefix: `${name}-`, base: 0, first, otherPrefixes: [], elsewhere };
}

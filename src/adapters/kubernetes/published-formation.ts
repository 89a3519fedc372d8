import { Failure } from '../../failure.ts';
import type { Formation } from '../../ports/platform.ts';
import { kubernetesClient } from './client.ts';
import { kubernetesFormation, type TargetOptions } from './formation.ts';
import { KEDA } from './platform.ts';
import { rolloutOf } from './standstill.ts';
import { targetClient } from './target-client.ts';
import { markForRemoval, tooLate } from './write.ts';

/**
 * The same targets, but KEDA sets their replicas: a change is prepared as for a write of our own, with the drained pods
 * marked, and then published instead of sent. A lower number is published only while exactly the pods that may go would go.
 */
export function publishedFormation(options: TargetOptions): Formation {
  const client = kubernetesClient(options);
  const kubernetes = kubernetesFormation(options);
  const targets = new Map(
    [...options.targets].map(([processType, target]) => [
      processType,
      targetClient(client, target, options.namespace),
    ]),
  );
  const targetOf = (processType: string) => {
    const found = targets.get(processType);
    if (found === undefined) throw new Failure('UNEXPECTED', 'a process type has no target', 'Report it.');
    return found;
  };

  return {
    ...kubernetes,
    platform: KEDA,

    async resize(wanted, signal) {
      const { processType, from, to, sendBeforeMs = Infinity } = wanted;
      const target = targetOf(processType);
      const scale = await target.scale(signal);
      if (scale.replicas !== from) return { kind: 'overtaken', answered: true, quantity: scale.replicas };
      const marked = await markForRemoval(target, scale, wanted, signal);
      if (marked.kind === 'withheld') return { ...marked, answered: true };
      if (marked.kind === 'overtaken') return { ...marked, answered: true, quantity: from };
      if (client.clock.monotonicMs() > sendBeforeMs) throw tooLate();
      // Nothing is removed by a higher number, however late it is set.
      return { kind: 'published', answered: to >= from, quantity: from, wanted: to };
    },

    // The HorizontalPodAutoscaler on the target is KEDA's.
    standstill: async (processType, signal) => await rolloutOf(targetOf(processType), signal),
  };
}

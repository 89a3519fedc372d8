import { kubernetesFormation } from '../../../src/adapters/kubernetes/formation.ts';
import { parseTarget } from '../../../src/config/target.ts';
import { Failure } from '../../../src/failure.ts';
import type { Formation, FormationState } from '../../../src/ports/platform.ts';
import { FakeClock } from '../heroku/fake-clock.ts';
import { ClusterInMemory } from './cluster-in-memory.ts';

export const NEVER = new AbortController().signal;

/** The adapter on a cluster in memory. */
export function onCluster(text: string): {
  readonly cluster: ClusterInMemory;
  readonly clock: FakeClock;
  readonly formation: Formation;
} {
  const target = parseTarget(text);
  if (target === undefined) throw new Error('no target');
  const [cluster, clock] = [new ClusterInMemory(), new FakeClock()];
  const formation = kubernetesFormation({
    credentials: async () => ({ server: 'https://cluster.test', token: 'secret-token' }),
    namespace: 'prod',
    targets: new Map([['worker', target]]),
    clock,
    sender: cluster.sender,
  });
  return { cluster, clock, formation };
}

/** Throws the failure. */
export async function readOf(formation: Formation): Promise<FormationState> {
  const state = (await formation.read(['worker'], NEVER)).get('worker');
  if (state instanceof Failure) throw state;
  if (state === undefined) throw new Error('no state');
  return state;
}

import { Failure, failureOf } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import type { Resize, Resized } from '../../ports/platform.ts';
import { fieldsOf, isQuantity } from '../http/answer.ts';
import { retryDelayMs } from '../http/retry.ts';
import { malformed } from './refusal.ts';
import { removalOf } from './removal.ts';
import type { Scale, TargetClient } from './target-client.ts';

/** The target changes while its pods start and stop, so a write may have to be decided on again. */
const MOST_CONFLICTS = 3;

/**
 * Reads, marks the pods that are to go, and sets the replicas if nothing about the target has changed since; repeats that
 * while the outcome is unknown. The version of the target is read before its pods: if a pod's state changes in between,
 * the target's status does too, and the write is refused.
 */
export async function write(
  target: TargetClient,
  clock: Clock,
  wanted: Resize,
  signal: AbortSignal,
): Promise<Resized> {
  let unknown: Failure | undefined;
  let answered = true;
  let again = true;
  let conflicts = 0;
  try {
    for (let retries = 0; ;) {
      const scale = await target.scale(signal);
      const { replicas } = scale;
      if (replicas === wanted.to && (unknown !== undefined || wanted.from === wanted.to))
        return { kind: 'resized', answered, quantity: replicas, size: '' };
      if (replicas !== wanted.from || conflicts >= MOST_CONFLICTS)
        return { kind: 'overtaken', answered, quantity: replicas };
      if (unknown !== undefined && !again) throw unknown;

      const marked = await markForRemoval(target, scale, wanted, signal);
      if (marked.kind === 'withheld') return { ...marked, answered };
      if (marked.kind === 'overtaken') {
        conflicts += 1;
        continue;
      }
      if (clock.monotonicMs() > (wanted.sendBeforeMs ?? Infinity)) throw tooLate();
      const result = await target.setReplicas(scale, wanted.to, signal);
      if (result.kind === 'refused') throw result.failure;
      if (result.kind === 'conflict') {
        conflicts += 1;
        continue;
      }
      if (result.kind === 'ok') {
        const set = fieldsOf(fieldsOf(result.answer.json)['spec'])['replicas'] ?? 0;
        if (isQuantity(set) && set === wanted.to)
          return { kind: 'resized', answered, quantity: set, size: '' };
      }
      unknown = result.kind === 'ok' ? malformed('with another number of replicas') : result.failure;
      // A request refused by the rate limit was not carried out; any other may have been, or will be later.
      answered &&= unknown.code === 'KUBERNETES_RATE_LIMITED';
      const delayMs = retryDelayMs(result.kind === 'passing' ? result.retryInMs : 0, retries);
      retries += 1;
      again = delayMs !== undefined && unknown.code !== 'KUBERNETES_TIMEOUT';
      await clock.sleep(again ? (delayMs ?? 0) : 0, signal);
    }
  } catch (thrown) {
    // A request without an answer may still be carried out, so a failure after it is not the whole outcome.
    if (answered) throw thrown;
    return { kind: 'unknown', answered, failure: failureOf(thrown) };
  }
}

type Marked =
  | { readonly kind: 'done' }
  /** The controller might remove this pod although it may not go. */
  | { readonly kind: 'withheld'; readonly worker: string }
  /** A pod went, or was changed by another client, since the pods were read. */
  | { readonly kind: 'overtaken' };

/** Marks the pods that are to go, and no others. */
export async function markForRemoval(
  target: TargetClient,
  { selector }: Scale,
  { from, to, remove }: Resize,
  signal: AbortSignal,
): Promise<Marked> {
  if (remove === undefined || to >= from) return { kind: 'done' };
  const { pods } = await target.pods(selector, signal);
  const active = pods.filter(({ leaving }) => !leaving);
  const owner = active[0]?.owner;
  // Each of two ReplicaSets gives up some of its own.
  const other = active.find((pod) => pod.owner !== owner);
  if (other !== undefined) return { kind: 'withheld', worker: other.name };
  const removal = removalOf(active, remove, to);
  if ('instead' in removal) return { kind: 'withheld', worker: removal.instead };
  const marks = new Set(removal.marks);
  const changes = active.filter(({ name, marked }) => marked !== marks.has(name));
  const results = await Promise.all(changes.map(({ name }) => target.mark(name, marks.has(name), signal)));
  let overtaken = false;
  for (const result of results) {
    if (result.kind === 'ok') continue;
    if (result.kind !== 'conflict' && result.failure.code !== 'KUBERNETES_TARGET_MISSING')
      throw result.failure;
    overtaken = true;
  }
  return { kind: overtaken ? 'overtaken' : 'done' };
}

export function tooLate(): Failure {
  return new Failure(
    'TICK_DEADLINE',
    'reading took so long that the decision may be out of date; nothing was sent',
    'Drover retries on the next tick. If this happens often, check the load of Redis and of the API server.',
  );
}

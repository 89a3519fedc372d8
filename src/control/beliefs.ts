import type { ProcessTypeSettings } from '../config/settings.ts';
import { beliefsOf } from '../core/beliefs.ts';
import type { Believed } from '../journal/entry.ts';
import type { Remembered } from '../ports.ts';

/** Everything believed after a tick: the lease, then what is remembered of each process type. Times are epoch ms. */
export function beliefsAfter(
  remembered: ReadonlyMap<string, Remembered>,
  processTypes: readonly ProcessTypeSettings[],
  { at, leaseMs }: { readonly at: number; readonly leaseMs: number },
): Believed[] {
  const lease: Believed = {
    kind: 'lease',
    words: 'this clock alone may act',
    since: at,
    until: at + leaseMs,
    ends: 'unless its next tick renews the lease',
  };
  const byType = processTypes.flatMap(({ processType, scaleDownDelayMs }) => {
    const kept = remembered.get(processType);
    return kept ? beliefsOf(kept, scaleDownDelayMs, at).map((line) => ({ processType, ...line })) : [];
  });
  return [lease, ...byType];
}

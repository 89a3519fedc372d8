import { randomBytes } from 'node:crypto';

import { timestamp, type KubeEvent, type KubeObject } from './objects.ts';
import { EVENTS } from './resource-types.ts';
import type { Store } from './store.ts';

/** Kubernetes drops events after an hour; the stand-in keeps this many. */
const EVENTS_KEPT = 500;

type Report = Pick<KubeEvent, 'type' | 'reason' | 'message'> & { readonly component: string };

/** Records an event about an object; one that repeats an earlier event raises its count, at most once a second. */
export function recordEvent(store: Store, about: KubeObject, report: Report, now: number): void {
  const { namespace = 'default', name, uid } = about.metadata;
  const at = timestamp(now);
  const events = store.list<KubeEvent>(EVENTS, '');
  const earlier = events.find(
    (event) =>
      event.involvedObject.uid === uid && event.reason === report.reason && event.message === report.message,
  );
  if (earlier !== undefined) {
    if (earlier.lastTimestamp !== at)
      store.replace<KubeEvent>(EVENTS, { ...earlier, count: earlier.count + 1, lastTimestamp: at });
    return;
  }
  const oldest = events.toSorted((a, b) => a.lastTimestamp.localeCompare(b.lastTimestamp));
  for (const event of oldest.slice(0, Math.max(0, events.length - EVENTS_KEPT + 1)))
    store.remove(EVENTS, event);
  store.create<KubeEvent>(EVENTS, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
    type: report.type,
    reason: report.reason,
    message: report.message,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid },
    source: { component: report.component },
  });
}

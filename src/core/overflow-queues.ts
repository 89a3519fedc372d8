import { demandOf, type Demand } from './demand.ts';
import { sumOf } from './sum.ts';
import type { QueueObservation } from './types.ts';

/** What is learned of each queue has to fit into a memory of bounded size: so many are kept apart. */
export const MOST_QUEUE_GROUPS = 64;
/** Names that no queue can have: the merged queues, and those of them with limits of their own. */
const MERGED = '';
const MERGED_CAPPED = ':';

/** The name of a group as people read it. */
export function groupTitle(name: string): string {
  if (name === MERGED) return 'the other queues';
  return name === MERGED_CAPPED ? 'the other queues with limits' : name;
}

/** A queue with its demand. */
export type QueueDemand = { readonly queue: QueueObservation; readonly demand: Demand };

/** One queue, or several merged into one. */
export type QueueGroup = QueueDemand & {
  /** A number that identifies the merged queues: same members, same number. Absent for a single queue. */
  readonly members?: number | undefined;
};

/**
 * At most `MOST_QUEUE_GROUPS` groups: the queues in `first` stay single, then those with limits of their own, then the
 * others by name; the rest is merged. A limit holds one queue and not its neighbours, so capped queues are merged apart
 * from the others.
 */
export function mergeOverflowQueues(
  queues: readonly QueueDemand[],
  first: ReadonlySet<string>,
  limited: ReadonlySet<string>,
): readonly QueueGroup[] {
  if (queues.length <= MOST_QUEUE_GROUPS) return queues;
  // A queue whose limiter happens to be open now counts too: coming and going would reset what is learned of the rest.
  const isCapped = ({ queue }: QueueDemand): boolean => hasLimit(queue) || limited.has(queue.name);
  const rank = (one: QueueDemand): number => (first.has(one.queue.name) ? 0 : isCapped(one) ? 1 : 2);
  const sorted = queues.toSorted((a, b) => rank(a) - rank(b) || (a.queue.name < b.queue.name ? -1 : 1));
  const cappedOverflow = sorted.slice(MOST_QUEUE_GROUPS - 1).some(isCapped);
  const singles = MOST_QUEUE_GROUPS - (cappedOverflow ? 2 : 1);
  const overflow = sorted.slice(singles);
  const merged = [
    merge(MERGED_CAPPED, overflow.filter(isCapped)),
    merge(
      MERGED,
      overflow.filter((one) => !isCapped(one)),
    ),
  ];
  return [...sorted.slice(0, singles), ...merged.filter((group) => group.members !== NO_MEMBERS)];
}

function hasLimit({ concurrencyLimit, rateLimitedMs, limiter }: QueueObservation): boolean {
  return concurrencyLimit !== undefined || limiter !== undefined || (rateLimitedMs ?? 0) > 0;
}

/** What waits in a paused queue is no work now, but it is still there: it counts as delayed. */
function merge(name: string, group: readonly QueueDemand[]): QueueGroup {
  const queues = group.map(({ queue }) => queue);
  const running = queues.filter(({ paused }) => !paused);
  const oldest = queues.flatMap(({ oldestReadyAt }) => oldestReadyAt ?? []);
  const queue: QueueObservation = {
    name,
    waiting: sumOf(running, ({ waiting }) => waiting),
    prioritized: sumOf(running, ({ prioritized }) => prioritized),
    due: sumOf(running, ({ due }) => due),
    dueSoon: sumOf(running, ({ dueSoon }) => dueSoon),
    active: sumOf(queues, ({ active }) => active),
    added: sumOf(queues, ({ added }) => added),
    orphaned: sumOf(queues, ({ orphaned }) => orphaned ?? 0),
    oldestReadyAt: oldest.length === 0 ? undefined : Math.min(...oldest),
    paused: false,
    ...(name === MERGED_CAPPED
      ? { concurrencyLimit: sumOf(group, ({ demand }) => usableSlots(demand)) }
      : {}),
    delayed: sumOf(queues, ({ delayed, due, paused, waiting, prioritized }) => {
      return Math.max(delayed ?? 0, due) + (paused ? waiting + prioritized : 0);
    }),
    waitingChildren: sumOf(queues, ({ waitingChildren }) => waitingChildren ?? 0),
  };
  const members = queues.reduce((all, one) => (all + hash(one.name)) >>> 0, NO_MEMBERS);
  return { queue, demand: demandOf(queue), members };
}

/** Slots that the jobs of a queue could fill now. */
function usableSlots({ takeable, upcoming, running, slotLimit, throttled }: Demand): number {
  return Math.min(takeable + upcoming + running, slotLimit, throttled ? Math.max(1, running) : Infinity);
}

const NO_MEMBERS = 0;

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits >>> 0;
}

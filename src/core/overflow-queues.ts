import { demandOf } from './demand.ts';
import type { QueueObservation } from './types.ts';

/** So many queues are rated each by itself; what is kept of each has to fit into a memory of bounded size. */
export const MOST_QUEUE_GROUPS = 64;
/** No queue can be called so: those rated together, and those of them that limits of their own hold. */
const THE_REST = '';
const THE_CAPPED = ':';

/** A queue that is rated by itself, or several that are rated as if they were one. */
export type QueueGroup = QueueObservation & {
  /** Which queues these are, as a number: the same members, the same number. Absent for one by itself. */
  readonly members?: number | undefined;
};

/**
 * At most `MOST_RATED` queues: those of `first`, then those with limits of their own, and then by name each by itself, all
 * others as if they were one. A limit holds one queue and not its neighbours, so where there is no place for all that
 * have one, these are put together by themselves.
 */
export function mergeOverflowQueues(
  queues: readonly QueueObservation[],
  first: ReadonlySet<string>,
  limited: ReadonlySet<string>,
): readonly QueueGroup[] {
  if (queues.length <= MOST_QUEUE_GROUPS) return queues;
  // Also with a limiter that happens to be open: a queue that comes and goes would begin the account of the rest again.
  const isCapped = (queue: QueueObservation): boolean => hasLimit(queue) || limited.has(queue.name);
  const rank = (queue: QueueObservation): number => (first.has(queue.name) ? 0 : isCapped(queue) ? 1 : 2);
  const sorted = queues.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const crowded = sorted.slice(MOST_QUEUE_GROUPS - 1).some(isCapped);
  const places = MOST_QUEUE_GROUPS - (crowded ? 2 : 1);
  const rest = sorted.slice(places);
  const free = rest.filter((queue) => !isCapped(queue));
  const merged = [merge(THE_CAPPED, rest.filter(isCapped)), merge(THE_REST, free)];
  return [...sorted.slice(0, places), ...merged.filter((one) => one.members !== NO_MEMBERS)];
}

function hasLimit({ concurrencyLimit, rateLimitedMs, limiter }: QueueObservation): boolean {
  return concurrencyLimit !== undefined || limiter !== undefined || (rateLimitedMs ?? 0) > 0;
}

/** What waits in a paused queue is no work, but it is still there: it counts as delayed. */
function merge(name: string, queues: readonly QueueObservation[]): QueueGroup {
  const sum = (of: (queue: QueueObservation) => number): number =>
    queues.reduce((total, queue) => total + of(queue), 0);
  const ready = (of: (queue: QueueObservation) => number): number =>
    sum((queue) => (queue.paused ? 0 : of(queue)));
  const oldest = queues.flatMap(({ oldestReadyAt }) => oldestReadyAt ?? []);
  return {
    name,
    members: queues.reduce((all, queue) => (all + hash(queue.name)) >>> 0, NO_MEMBERS),
    waiting: ready(({ waiting }) => waiting),
    prioritized: ready(({ prioritized }) => prioritized),
    due: ready(({ due }) => due),
    dueSoon: ready(({ dueSoon }) => dueSoon),
    active: sum(({ active }) => active),
    added: sum(({ added }) => added),
    orphaned: sum(({ orphaned }) => orphaned ?? 0),
    oldestReadyAt: oldest.length === 0 ? undefined : Math.min(...oldest),
    paused: false,
    ...(name === THE_CAPPED ? { concurrencyLimit: sum(slotsOf) } : {}),
    delayed: sum(({ delayed, due, paused, waiting, prioritized }) => {
      return Math.max(delayed ?? 0, due) + (paused ? waiting + prioritized : 0);
    }),
    waitingChildren: sum(({ waitingChildren }) => waitingChildren ?? 0),
  };
}

/** Slots that the jobs of a queue could fill now. */
function slotsOf(queue: QueueObservation): number {
  const { takeable, upcoming, running, slotLimit, throttled } = demandOf(queue);
  const jobs = takeable + upcoming + running;
  return Math.min(jobs, slotLimit ?? Infinity, throttled ? Math.max(1, running) : Infinity);
}

const NO_MEMBERS = 0;

/** FNV-1a, of 32 bits. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits >>> 0;
}

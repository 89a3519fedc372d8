import type { QueueObservation } from './types.ts';

/** So many queues are rated each by itself; what is kept of each has to fit into a memory of bounded size. */
export const MOST_RATED = 64;
/** No queue can be called so. */
const THE_REST = '';

/** At most `MOST_RATED` queues: those of `first` and then by name each by itself, all others as if they were one. */
export function pool(
  queues: readonly QueueObservation[],
  first: ReadonlySet<string>,
): readonly QueueObservation[] {
  if (queues.length <= MOST_RATED) return queues;
  const sorted = queues.toSorted(
    (a, b) => Number(first.has(b.name)) - Number(first.has(a.name)) || (a.name < b.name ? -1 : 1),
  );
  return [...sorted.slice(0, MOST_RATED - 1), merge(sorted.slice(MOST_RATED - 1))];
}

/** What waits in a paused queue is no work, but it is still there: it counts as delayed. */
function merge(queues: readonly QueueObservation[]): QueueObservation {
  const sum = (of: (queue: QueueObservation) => number): number =>
    queues.reduce((total, queue) => total + of(queue), 0);
  const ready = (of: (queue: QueueObservation) => number): number =>
    sum((queue) => (queue.paused ? 0 : of(queue)));
  const oldest = queues.flatMap(({ oldestReadyAt }) => oldestReadyAt ?? []);
  return {
    name: THE_REST,
    waiting: ready(({ waiting }) => waiting),
    prioritized: ready(({ prioritized }) => prioritized),
    due: ready(({ due }) => due),
    dueSoon: ready(({ dueSoon }) => dueSoon),
    active: sum(({ active }) => active),
    added: sum(({ added }) => added),
    orphaned: sum(({ orphaned }) => orphaned ?? 0),
    oldestReadyAt: oldest.length === 0 ? undefined : Math.min(...oldest),
    paused: false,
    delayed: sum(({ delayed, due, paused, waiting, prioritized }) => {
      return Math.max(delayed ?? 0, due) + (paused ? waiting + prioritized : 0);
    }),
    waitingChildren: sum(({ waitingChildren }) => waitingChildren ?? 0),
  };
}

import { sumOf, type DecidedEntry, type Entry, type QueueEntry } from './entry.ts';

/** What moved through queues from one tick to a later one. */
export type Flow = { readonly added: number; readonly done: number };

const NOTHING: Flow = { added: 0, done: 0 };

/**
 * Arrivals are how far the id counter moved, departures what of them and of the former jobs is no longer there
 * (Little's accounting). A counter that fell was reset with its queue: nothing is known of what moved then.
 */
export function queueFlow(before: QueueEntry | undefined, after: QueueEntry): Flow {
  if (before === undefined || after.added < before.added) return NOTHING;
  const added = after.added - before.added;
  return { added, done: Math.max(0, added - (inSystem(after) - inSystem(before))) };
}

export function flowOf(before: DecidedEntry | undefined, after: DecidedEntry): Flow {
  const flows = after.queues.map((queue) => queueFlow(queueIn(before, queue.name), queue));
  return { added: sumOf(flows, ({ added }) => added), done: sumOf(flows, ({ done }) => done) };
}

export function queueIn(entry: DecidedEntry | undefined, name: string): QueueEntry | undefined {
  return entry?.queues.find((queue) => queue.name === name);
}

/** How long what a tick saw is taken to have held: until the next, but no longer than three ticks. */
export function spanMs(before: Entry, after: Entry): number {
  return Math.max(0, Math.min(after.at - before.at, 3 * before.tickMs));
}

function inSystem({ ready, active, later }: QueueEntry): number {
  return ready + active + later;
}

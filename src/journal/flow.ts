import type { DecidedEntry, Entry, QueueEntry } from './entry.ts';
import { sumOf } from '../core/sum.ts';

/** Jobs that arrived in queues and left them between two ticks. */
export type Flow = { readonly added: number; readonly done: number };

const NOTHING: Flow = { added: 0, done: 0 };

/**
 * Arrivals are the rise of the id counter; departures are arrivals minus the growth of the number of jobs in the queue.
 * A counter that fell was reset with its queue: the flow is unknown and counts as nothing.
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

/** How long a tick's figures count as valid: until the next tick, but at most three intervals. */
export function spanMs(before: Entry, after: Entry): number {
  return Math.max(0, Math.min(after.at - before.at, 3 * before.tickMs));
}

function inSystem({ ready, active, later }: QueueEntry): number {
  return ready + active + later;
}

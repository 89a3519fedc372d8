import type { DecidedEntry, Entry, QueueEntry, TypeEntry } from '../../src/journal/entry.ts';

export const T0 = Date.parse('2026-03-02T10:00:00Z');

export function queueEntry(overrides: Partial<QueueEntry> = {}): QueueEntry {
  return { name: 'mail', ready: 0, active: 0, later: 0, added: 0, ...overrides };
}

export function decidedEntry(overrides: Partial<DecidedEntry> = {}): DecidedEntry {
  return {
    kind: 'decided',
    processType: 'worker',
    quantity: 2,
    from: 2,
    to: 2,
    size: 'Standard-1X',
    min: 1,
    max: 10,
    concurrency: 5,
    bootMs: 30_000,
    queues: [queueEntry()],
    unreadable: [],
    needed: 2,
    limited: 2,
    reason: '200 jobs need 2 dynos: stay at 2',
    steps: [
      { stage: 'sizing', count: 2 },
      { stage: 'bounds', count: 2 },
    ],
    ...overrides,
  };
}

export function blindEntry(processType = 'worker'): TypeEntry {
  const failure = { code: 'REDIS_UNREACHABLE', message: 'Redis cannot be reached', remedy: 'Look at it.' };
  return { kind: 'blind', processType, failure };
}

/** One tick at so many seconds after the beginning. */
export function entry(seconds: number, types: readonly TypeEntry[] = [decidedEntry()]): Entry {
  return { at: T0 + seconds * 1000, tookMs: 40, tickMs: 10_000, types };
}

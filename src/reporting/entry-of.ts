import type { QueueObservation } from '../core/types.ts';
import {
  MOST_FIGURE,
  MOST_JOBS,
  MOST_QUEUES,
  MOST_SPAN_MS,
  MOST_WAIT_MS,
  othersName,
  type Entry,
  type FailureEntry,
  type QueueEntry,
  type TypeEntry,
} from '../journal/entry.ts';
import { sumOf } from '../core/sum.ts';
import type { Failure } from '../failure.ts';
import { describeHold, describeLimit } from './describe.ts';
import { failureIn, type Outcome, type Tick } from '../control/outcome.ts';

/** A tick as the journal keeps it: bounded, and without what only the next decision needs. */
export function entryOf(tick: Tick): Entry {
  return {
    at: tick.at,
    tookMs: Math.round(tick.tookMs),
    tickMs: tick.tickMs,
    types: tick.outcomes.map((outcome) => typeEntry(outcome, tick.at)),
    requestsLeft: tick.requestsLeft,
    beliefs: tick.beliefs,
  };
}

function typeEntry(outcome: Outcome, at: number): TypeEntry {
  const { processType } = outcome;
  if (outcome.kind === 'failed' && outcome.decided === undefined)
    return { kind: 'blind', processType, failure: failureEntry(outcome.failure) };
  const { backlog, formation, decision, policy } = outcome.kind === 'failed' ? outcome.decided : outcome;
  const failure = failureIn(outcome);
  const hold = outcome.kind === 'held' ? outcome.hold : undefined;
  const resized = outcome.kind === 'resized' ? outcome.resized : undefined;
  return {
    kind: 'decided',
    processType,
    quantity: resized && 'quantity' in resized ? resized.quantity : formation.quantity,
    ...(formation.actual === undefined ? {} : { actual: formation.actual }),
    from: decision.from,
    to: decision.to,
    needed: figure(decision.needed),
    limited: figure(decision.limited),
    size: resized?.kind === 'resized' ? resized.size : formation.size,
    min: policy.min,
    max: policy.max,
    concurrency: policy.concurrency,
    bootMs: policy.bootMs,
    maxWaitMs: policy.sizing.kind === 'wait' ? policy.sizing.maxWaitMs : undefined,
    queues: bounded(backlog.queues.map((queue) => queueEntry(queue, at))),
    limit: formation.limit && describeLimit(formation.limit, formation.quantity, policy.noun),
    unreadable: backlog.unreadable.slice(0, MOST_QUEUES).map(({ queue }) => queue),
    reason: decision.reason,
    steps: decision.steps.map((step) => ({ ...step, count: figure(step.count) })),
    hold: hold && { kind: hold.kind, words: describeHold(hold) },
    result: resized?.kind,
    failure: failure && failureEntry(failure),
  };
}

function queueEntry(queue: QueueObservation, at: number): QueueEntry {
  const { name, active, added, oldestReadyAt, orphaned = 0, rateLimitedMs = 0, concurrencyLimit } = queue;
  return {
    name,
    ready: jobs(queue.waiting + queue.prioritized + queue.due),
    active: jobs(active),
    later: jobs(Math.max(0, (queue.delayed ?? 0) - queue.due) + (queue.waitingChildren ?? 0)),
    added: jobs(added),
    ...(oldestReadyAt === undefined ? {} : { waitMs: waited(at - oldestReadyAt) }),
    ...(queue.paused ? { paused: true } : {}),
    ...(orphaned > 0 ? { orphaned: jobs(orphaned) } : {}),
    ...(rateLimitedMs > 0 ? { rateLimitedMs: Math.min(MOST_SPAN_MS, rateLimitedMs) } : {}),
    ...(concurrencyLimit === undefined ? {} : { concurrencyLimit: jobs(concurrencyLimit) }),
  };
}

/** Any client of Redis may have set these; readers of the journal accept whole counts only. */
function figure(count: number): number {
  return Math.min(MOST_FIGURE, Math.max(0, count));
}

function jobs(count: number): number {
  return Math.min(MOST_JOBS, Math.round(count));
}

function waited(sinceMs: number): number {
  return Math.min(MOST_WAIT_MS, Math.max(0, Math.round(sinceMs)));
}

/** The first queues by name, and the sum of the rest: the names stay the same from tick to tick, so changes can be seen. */
function bounded(queues: readonly QueueEntry[]): readonly QueueEntry[] {
  if (queues.length <= MOST_QUEUES) return queues;
  const sorted = queues.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rest = sorted.slice(MOST_QUEUES - 1);
  const waits = rest.flatMap(({ waitMs }) => waitMs ?? []);
  const others: QueueEntry = {
    name: othersName(rest.length),
    ready: sumOf(rest, ({ ready }) => ready),
    active: sumOf(rest, ({ active }) => active),
    later: sumOf(rest, ({ later }) => later),
    added: sumOf(rest, ({ added }) => added),
    ...(waits.length === 0 ? {} : { waitMs: Math.max(...waits) }),
  };
  return [...sorted.slice(0, MOST_QUEUES - 1), others];
}

function failureEntry({ code, message, remedy }: Failure): FailureEntry {
  return { code, message, remedy };
}

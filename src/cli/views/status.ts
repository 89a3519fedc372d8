import { longestWaitMs, type DecidedEntry, type QueueEntry } from '../../journal/entry.ts';
import { activeIn, readyIn } from '../../journal/minute.ts';
import { DEFAULT_NOUN, DEFAULT_PLATFORM, healthOf, type Status } from '../../journal/status.ts';
import type { TypeStatus } from '../../journal/type-status.ts';
import type { Pause } from '../../ports.ts';
import { counted, instant, number, span, usd } from './figures.ts';
import { table } from './table.ts';
import { folded } from './wrap.ts';

/** The clock's last tick, in 80 columns. */
export function statusText(status: Status | undefined, pause: Pause | undefined, now: number): string {
  if (!status) return 'No tick recorded yet. Start `drover run` and try again after its first tick.';
  const health = healthOf(status, now);
  const head = [
    `${status.appName}: last tick ${span(now - status.at)} ago, took ${status.tookMs} ms, every ${span(status.tickMs)}`,
    ...(health.ok ? [] : [`UNHEALTHY: ${health.words}. \`drover check\` names the cause and the remedy.`]),
    ...(status.shadow ? [SHADOW] : []),
    ...(pause ? [`PAUSED by ${pause.by} ${untilWords(pause)}`] : []),
    ...(status.requestsLeft === undefined
      ? []
      : [
          `${status.platform ?? DEFAULT_PLATFORM}: ${number(status.requestsLeft)} API requests left this hour`,
        ]),
  ];
  return [
    ...head,
    ...status.types.flatMap((type) => ['', ...typeLines(type, status.noun ?? DEFAULT_NOUN)]),
    ...beliefLines(status, now),
  ]
    .flatMap((line) => folded(line))
    .join('\n');
}

const SHADOW =
  'SHADOW: this is what Drover would do; nothing is changed. To start scaling, remove DRY_RUN from its settings.';

/** What the clock believes, since when and until when. The kind in front is what `drover forget` accepts. */
function beliefLines({ beliefs = [] }: Status, now: number): string[] {
  if (beliefs.length === 0) return [];
  const lines = beliefs.map(({ processType, kind, words, since, until, ends }) => {
    const subject = processType === undefined ? '' : `${processType}: `;
    return `  ${kind}: ${subject}${words} (began ${span(now - since)} ago; ${endWords(until, ends, now)})`;
  });
  return ['', 'beliefs:', ...lines];
}

function endWords(until: number | undefined, ends: string, now: number): string {
  if (until === undefined) return `ends ${ends}`;
  return until <= now ? 'expired' : `ends in ${span(until - now)}, ${ends}`;
}

function untilWords({ until }: Pause): string {
  return until === undefined ? 'until `drover resume`' : `until ${instant(until)}`;
}

function typeLines(type: TypeStatus, noun: string): string[] {
  const { latest, failure, processType, blindTicks } = type;
  const blind = failure
    ? [
        `${processType}: unreadable for ${blindTicks} ${blindTicks === 1 ? 'tick' : 'ticks'}: ${failure.message}. ${failure.remedy}`,
      ]
    : [];
  if (!latest) return blind.length > 0 ? blind : [`${processType}: no reading yet`];
  return [...blind, ...knownLines(type, latest, noun)];
}

function knownLines(type: TypeStatus, latest: DecidedEntry, noun: string): string[] {
  const { starting, draining, today, lastChange, burst } = type;
  const moving = [
    ...(starting > 0 ? [`${starting} starting`] : []),
    ...(draining > 0 ? [`${draining} draining`] : []),
  ];
  const quantity = counted(latest.quantity, noun) + (moving.length > 0 ? ` (${moving.join(', ')})` : '');
  return [
    `${latest.processType}: ${quantity}${latest.size === '' ? '' : ` of ${latest.size}`}, limits ${latest.min} to ${latest.max}; target ${latest.to}${latest.actual === undefined ? '' : `; set on the platform: ${latest.actual}`}`,
    `  ${latest.hold ? `holding: ${latest.hold.words}` : latest.reason}`,
    ...(latest.limit ? [`  limit: ${latest.limit.message}. ${latest.limit.remedy}`] : []),
    ...(latest.failure ? [`  scaling failed: ${latest.failure.message}. ${latest.failure.remedy}`] : []),
    ...(lastChange ? [`  last change ${instant(lastChange.at)}: ${lastChange.from} → ${lastChange.to}`] : []),
    ...(burst ? [`  burst in progress: ${number(burst.jobs)} jobs since ${instant(burst.startedAt)}`] : []),
    ...(today?.costUsd === undefined
      ? []
      : [
          `  today ${usd(today.costUsd)}, ${usd(today.savedUsd ?? 0)} less than ${counted(latest.max, noun)} all day`,
        ]),
    ...table([
      ['  queue', 'waiting', 'active', 'oldest', ''],
      ...latest.queues.map(queueRow),
      ...latest.unreadable.map((name) => [`  ${name}`, '?', '?', '?', 'unreadable']),
      ...(latest.queues.length > 1
        ? [
            [
              '  all',
              number(readyIn(latest)),
              number(activeIn(latest)),
              waitWords(longestWaitMs(latest.queues)),
              '',
            ],
          ]
        : []),
    ]),
  ];
}

function queueRow(queue: QueueEntry): string[] {
  const remarks = [
    ...(queue.paused ? ['paused'] : []),
    ...(queue.orphaned === undefined ? [] : [`${queue.orphaned} orphaned`]),
    ...(queue.rateLimitedMs === undefined ? [] : ['rate limited']),
    ...(queue.concurrencyLimit === undefined ? [] : [`global concurrency ${queue.concurrencyLimit}`]),
  ];
  return [
    `  ${queue.name}`,
    number(queue.ready),
    number(queue.active),
    waitWords(queue.waitMs ?? 0),
    remarks.join(', '),
  ];
}

function waitWords(ms: number): string {
  return ms === 0 ? '-' : span(ms);
}

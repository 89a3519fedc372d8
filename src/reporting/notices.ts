import type { Alarms, Notice, NoticeKind } from '../journal/alarm.ts';
import { grouped } from '../core/words.ts';
import { longestWaitMs, type DecidedEntry, type Entry, type TypeEntry } from '../journal/entry.ts';
import { readyIn } from '../journal/minute.ts';
import { track, type Problem } from './problem-tracker.ts';

type NoticeProblem = Problem & {
  readonly kind: NoticeKind;
  readonly processType: string;
  readonly text: string;
};

/** A problem that returns within these ticks is the same one. */
const GONE_TICKS = 3;
const LATE_MS = 120_000;
/** Adding a node takes some minutes, and is no problem meanwhile. */
const NODE_MS = 300_000;
/** A limit is tried again every few minutes: worth one message a day. */
const LIMIT_REPEATS_MS = 86_400_000;

/** The kinds whose end is worth a message: manual holds and learned limits need no all-clear. */
const RECOVERED: Readonly<Record<string, string>> = {
  late: 'in time again',
  blind: 'state readable again',
  refused: 'scaling again',
};

/**
 * The notices due after a tick: each problem once when it has lasted, once when it is resolved. `noun`: what the platform
 * calls one worker.
 */
export function nextAlarms(
  before: Alarms,
  { at, types }: Entry,
  noun = 'worker',
): { readonly alarms: Alarms; readonly notices: readonly Notice[] } {
  const problems = types.flatMap((type) => problemsOf(type, noun));
  const { alarms, begun, resolved } = track(before, problems, at, (key, { off, seenAt }) => {
    const { kind, processType } = partsOf(key);
    // Process types that are not scaled any more.
    if (!types.some((type) => type.processType === processType)) return 'drop';
    const waits = kind === 'limit' ? at - seenAt < LIMIT_REPEATS_MS : off < GONE_TICKS;
    return waits ? 'wait' : 'resolved';
  });
  const notices: Notice[] = begun.map(({ kind, processType, text }) => ({ kind, processType, at, text }));
  for (const { key, since } of resolved) {
    const { kind, processType } = partsOf(key);
    const recovered = RECOVERED[kind];
    if (recovered === undefined) continue;
    const minutes = Math.max(1, Math.round((at - since) / 60_000));
    const text = `${processType}: ${recovered} after ${minutes} min.`;
    notices.push({ kind: 'recovered', processType, at, text });
  }
  return { alarms, notices };
}

function partsOf(key: string): { readonly kind: string; readonly processType: string } {
  const [kind = '', processType = ''] = key.split(' ');
  return { kind, processType };
}

function problemsOf(type: TypeEntry, noun: string): NoticeProblem[] {
  const { processType } = type;
  const problem = (kind: NoticeKind, text: string, after: Omit<Problem, 'key'> = {}): NoticeProblem => ({
    key: `${kind} ${processType}`,
    kind,
    processType,
    text: `${processType}: ${text}`,
    ...after,
  });
  const lasting = { afterTicks: GONE_TICKS };
  if (type.kind === 'blind') {
    const { message, remedy } = type.failure;
    return [problem('blind', `cannot read state; holding: ${message}. ${remedy}`, lasting)];
  }
  const { failure, result, hold, quantity, to, limit } = type;
  const late = lateText(type, noun);
  return [
    ...(late === undefined ? [] : [problem('late', late, { ...lasting, afterMs: LATE_MS })]),
    ...(failure
      ? [problem('refused', `scaling failed: ${failure.message}. ${failure.remedy}`, lasting)]
      : []),
    ...(result === 'limited'
      ? [
          problem(
            'limit',
            `the platform allows no more than ${quantity}; ${to} are wanted. Have its limit raised, or lower MAX_WORKERS.`,
          ),
        ]
      : []),
    ...(limit
      ? [
          problem('limit', `${limit.message}. ${limit.remedy}`, {
            ...lasting,
            afterMs: limit.kind === 'unschedulable' ? NODE_MS : undefined,
          }),
        ]
      : []),
    ...(hold?.kind === 'manual'
      ? [problem('manual', `${hold.words}. \`drover forget manual\` ends that.`)]
      : []),
  ];
}

function lateText(type: DecidedEntry, noun: string): string | undefined {
  const { needed = 0, quantity, max, maxWaitMs = 0, queues } = type;
  const waitMs = longestWaitMs(queues);
  if (needed <= max || quantity < max || waitMs <= maxWaitMs) return undefined;
  const waiting = grouped(readyIn(type));
  return `late at the maximum of ${max} ${noun}s: ${waiting} jobs wait, the oldest for ${Math.round(waitMs / 1000)} s; ${needed} ${noun}s are needed. Raise the maximum in MAX_WORKERS or LIMITS to keep up.`;
}

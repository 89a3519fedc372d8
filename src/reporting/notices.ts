import { countOf } from '../core/reason.ts';
import type { Alarm, Alarms, Notice, NoticeKind } from '../journal/alarm.ts';
import { longestWaitMs, type Entry, type TypeEntry } from '../journal/entry.ts';
import { readyIn } from '../journal/minute.ts';

type Trouble = {
  readonly kind: NoticeKind;
  readonly processType: string;
  readonly text: string;
  /** Told only when it has lasted so many ticks and so long. */
  readonly afterTicks: number;
  readonly afterMs: number;
};

/** What comes and goes within these ticks is one trouble. */
const GONE_TICKS = 3;
const LATE_MS = 120_000;
/** A limit is tried again every hour: worth one message a day. */
const LIMIT_TOLD_MS = 86_400_000;

/** Whose end is worth a message: a person's own hold and a learned limit need no all-clear. */
const RECOVERS: ReadonlySet<string> = new Set(['late', 'blind', 'refused']);

/** What one tick gives reason to tell: each trouble once when it has lasted, once when it is over for good. */
export function nextAlarms(
  before: Alarms,
  { at, types }: Entry,
): { readonly alarms: Alarms; readonly notices: readonly Notice[] } {
  const troubles = new Map(
    types.flatMap(troublesOf).map((trouble) => [`${trouble.kind} ${trouble.processType}`, trouble]),
  );
  const alarms: Record<string, Alarm> = {};
  const notices: Notice[] = [];
  for (const [key, trouble] of troubles) {
    const { kind, processType, text, afterTicks, afterMs } = trouble;
    const known = before[key] ?? { since: at, on: 0, told: false };
    const on = known.on + 1;
    const due = !known.told && on >= afterTicks && at - known.since >= afterMs;
    if (due) notices.push({ kind, processType, at, text });
    alarms[key] = { since: known.since, seenAt: at, on, off: 0, told: known.told || due };
  }
  for (const [key, known] of Object.entries(before)) {
    if (troubles.has(key)) continue;
    const [kind = '', processType = ''] = key.split(' ');
    // No longer scaled, or never: there is nothing to say of it.
    if (!types.some((type) => type.processType === processType)) continue;
    const off = known.off + 1;
    // One that was not told yet begins anew: it has to last without a gap.
    if (!known.told) continue;
    if (kind === 'limit' ? at - known.seenAt < LIMIT_TOLD_MS : off < GONE_TICKS) {
      alarms[key] = { ...known, on: 0, off };
      continue;
    }
    if (RECOVERS.has(kind))
      notices.push({
        kind: 'recovered',
        processType,
        at,
        text: recovered(kind, processType, at - known.since),
      });
  }
  return { alarms, notices };
}

function troublesOf(type: TypeEntry): Trouble[] {
  const { processType } = type;
  const trouble = (kind: NoticeKind, text: string, afterTicks = 1, afterMs = 0): Trouble => ({
    kind,
    processType,
    text: `${processType}: ${text}`,
    afterTicks,
    afterMs,
  });
  if (type.kind === 'blind') {
    const { message, remedy } = type.failure;
    return [trouble('blind', `holding blindly: ${message}. ${remedy}`, GONE_TICKS)];
  }
  const { failure, result, hold, quantity, to, max, maxWaitMs, steps, queues } = type;
  const waitMs = longestWaitMs(queues);
  const wanted = countOf(steps, 'sizing');
  const late = wanted > max && quantity >= max && waitMs > (maxWaitMs ?? 0);
  const words = `at the maximum of ${max} dynos and still late: ${readyIn(type).toLocaleString('en-US')} jobs wait, the oldest for ${Math.round(waitMs / 1000)} s; ${wanted} dynos would be needed. Raise MAX_WORKERS if that is not meant.`;
  return [
    ...(late ? [trouble('late', words, GONE_TICKS, LATE_MS)] : []),
    ...(failure
      ? [trouble('refused', `could not scale: ${failure.message}. ${failure.remedy}`, GONE_TICKS)]
      : []),
    ...(result === 'limited'
      ? [trouble('limit', `Heroku allows no more than ${quantity} dynos, though ${to} were asked for.`)]
      : []),
    ...(hold?.kind === 'manual' ? [trouble('manual', `${hold.words}.`)] : []),
  ];
}

function recovered(kind: string, processType: string, lastedMs: number): string {
  const minutes = Math.max(1, Math.round(lastedMs / 60_000));
  const what = kind === 'blind' ? 'reading again' : kind === 'late' ? 'in time again' : 'scaling again';
  return `${processType}: ${what} after ${minutes} min.`;
}

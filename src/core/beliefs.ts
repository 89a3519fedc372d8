import { believed } from './belief.ts';
import { expectedText, LATEST_MS } from './expected.ts';
import { FORESEEN_MS, type Foreseen } from './foreseen.ts';
import { bootRangeOf } from './boots.ts';
import { serviceMsOf } from './learn.ts';
import type { Memory } from './memory.ts';
import { groupTitle } from './overflow-queues.ts';
import { peakOf } from './peak-hold.ts';
import type { ScalingState } from './scaling-state.ts';
import { NEEDS_MS, slotsToKeep } from './slot-needs.ts';
import { sumOf } from './sum.ts';
import { RECORDED_MS, startsOn } from './wait-margin.ts';
import { counted } from './words.ts';
import { LATE_WRITE_MS } from './writes.ts';

/** The beliefs that `drover forget` can drop one by one. */
export const FORGETTABLE = [
  'manual',
  'limit',
  'boot',
  'concurrency',
  'service-times',
  'lateness',
  'reserve',
  'peak',
] as const;
export type Forgettable = (typeof FORGETTABLE)[number];

/** One current belief, as people read it. */
export type BeliefLine = {
  readonly kind: Forgettable | 'write' | 'lease' | 'budget' | 'forecast';
  readonly words: string;
  /** Epoch ms since when it has been believed. */
  readonly since: number;
  /** Epoch ms; absent: `ends` alone says what ends it. */
  readonly until?: number | undefined;
  readonly ends: string;
};

/** A reserve is listed for this share of jobs without a slot in time, 0 to 1. */
const LISTED_SHARE = 0.05;

/** Service times of so many queues are listed. */
const MOST_QUEUES = 10;

/** What is believed about one process type, since when, until when, and what ends it. */
export function beliefsOf(
  { memory, scaling, foreseen }: Beliefs,
  scaleDownDelayMs: number,
  at: number,
): BeliefLine[] {
  return [
    ...ofScalingState(scaling, at),
    ...ofMemory(memory, scaleDownDelayMs, at),
    ...ofForeseen(foreseen, at),
  ];
}

type Beliefs = {
  readonly memory: Memory;
  readonly scaling: ScalingState;
  readonly foreseen?: Foreseen | undefined;
};

/** Bursts that are listed. */
const MOST_BURSTS = 5;

function ofForeseen(foreseen: Foreseen | undefined, at: number): BeliefLine[] {
  const { bursts, off } = believed(foreseen, at, FORESEEN_MS) ?? { bursts: [] };
  if (foreseen === undefined) return [];
  const { since, until } = foreseen;
  const line = { kind: 'forecast', since } as const;
  if (off !== undefined) return [{ ...line, words: off, until, ends: 'unless it pays off by then' }];
  return bursts
    .filter((burst) => at < burst.at + LATEST_MS)
    .slice(0, MOST_BURSTS)
    .map((burst) => ({
      ...line,
      words: `${burst.queue}: ${expectedText(burst)}`,
      until: burst.at + LATEST_MS,
      ends: 'or when the jobs have come',
    }));
}

function ofScalingState(
  { manual, writes, limit, concurrency, boots }: ScalingState,
  at: number,
): BeliefLine[] {
  const lines: BeliefLine[] = [];
  if (manual) {
    const { since, until } = manual;
    lines.push(
      until === undefined
        ? { kind: 'manual', words: 'scaled to 0 manually', since, ends: 'when it is above 0' }
        : { kind: 'manual', words: 'scaled manually', since, until, ends: 'then autoscaling resumes' },
    );
  }
  for (const { from, to, at: since, answered } of writes ?? []) {
    if (answered || at - since >= LATE_WRITE_MS) continue;
    lines.push({
      kind: 'write',
      words: `a change from ${from} to ${to} got no answer and may still be carried out`,
      since,
      until: since + LATE_WRITE_MS,
      ends: 'then it counts as lost',
    });
  }
  if (limit && at < limit.until) {
    const { count, counts, since, until } = limit;
    const words = `the platform allows ${count} for ${counts === 'app' ? 'the whole app' : 'this process type'}`;
    lines.push({ kind: 'limit', words, since, until, ends: 'then Drover tries more again' });
  }
  if (concurrency && at < concurrency.until) {
    const { value, since, until } = concurrency;
    const words = `a worker runs ${value} ${value === 1 ? 'job' : 'jobs'} at once`;
    lines.push({ kind: 'concurrency', words, since, until, ends: 'unless workers report again' });
  }
  const seen = boots && at < boots.until ? bootRangeOf(boots.value) : undefined;
  if (boots && seen) {
    const { since, until } = boots;
    const [least, most, planned] = [seen.leastMs, seen.mostMs, seen.plannedMs].map((ms) =>
      (ms / 1000).toFixed(0),
    );
    const range = least === most ? `${most} s` : `${least} to ${most} s`;
    const words = `boots take ${range}, planned with ${planned} s`;
    lines.push({ kind: 'boot', words, since, until, ends: 'unless another boot is seen' });
  }
  return lines;
}

function ofMemory(
  { peaks, queues, lateness = [], needs = [] }: Memory,
  scaleDownDelayMs: number,
  at: number,
): BeliefLine[] {
  const lines: BeliefLine[] = [];
  const [peak] = peaks;
  if (peak && peak[0] < at) {
    const words = `${peakOf(peaks)} workers were needed`;
    lines.push({
      kind: 'peak',
      words,
      since: peak[0],
      until: peak[0] + scaleDownDelayMs,
      ends: 'then Drover may scale down below it',
    });
  }
  const known = queues.flatMap(([name, learned]) => {
    const ms = serviceMsOf(learned);
    return ms === undefined ? [] : [{ name, ms, since: learned.at }];
  });
  for (const { name, ms, since } of known.slice(0, MOST_QUEUES)) {
    const words = `a job of ${groupTitle(name)} takes ${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
    lines.push({ kind: 'service-times', words, since, ends: 'an hour after the queue was last read' });
  }
  return [...lines, ...ofLateness(lateness, at), ...ofNeeds(needs, at)];
}

function ofLateness(lateness: NonNullable<Memory['lateness']>, at: number): BeliefLine[] {
  const lines = lateness.flatMap(([name, record]): BeliefLine[] => {
    const { started, late } = startsOn(record);
    const [first] = record.periods;
    if (first === undefined || started < 1 || at - first[0] >= RECORDED_MS) return [];
    const share = ((100 * late) / started).toFixed(1);
    const words = `${share} % of ${counted(Math.round(started), 'job')} of ${groupTitle(name)} started late`;
    const [since] = first;
    const ends = 'then the first of these jobs no longer count';
    return [{ kind: 'lateness', words, since, until: since + RECORDED_MS, ends }];
  });
  return lines.slice(0, MOST_QUEUES);
}

function ofNeeds(needs: NonNullable<Memory['needs']>, at: number): BeliefLine[] {
  const lines = needs.flatMap(([name, { periods }]): BeliefLine[] => {
    const [first] = periods;
    const slots = slotsToKeep(periods, LISTED_SHARE);
    if (first === undefined || slots === 0 || at - first[0] >= NEEDS_MS) return [];
    const jobs = sumOf(periods, ([, period]) => sumOf(period, ([, count]) => count));
    const words = `${100 * (1 - LISTED_SHARE)} % of ${counted(Math.round(jobs), 'job')} of ${groupTitle(name)} would have started in time with ${counted(slots, 'slot')}`;
    const [since] = first;
    return [
      {
        kind: 'reserve',
        words,
        since,
        until: since + NEEDS_MS,
        ends: 'then the first of these jobs no longer count',
      },
    ];
  });
  return lines.slice(0, MOST_QUEUES);
}

/** What is left without these kinds. A service time is dropped with everything else that was learned of its queue. */
export function forget<T extends { readonly memory: Memory; readonly scaling: ScalingState }>(
  remembered: T,
  kinds: readonly Forgettable[],
): T {
  const { memory, scaling } = remembered;
  const gone = (kind: Forgettable): boolean => kinds.includes(kind);
  return {
    ...remembered,
    memory: {
      ...memory,
      ...(gone('service-times') ? { queues: [] } : {}),
      ...(gone('lateness') ? { lateness: undefined } : {}),
      ...(gone('reserve') ? { needs: undefined } : {}),
      ...(gone('peak') ? { peaks: [] } : {}),
    },
    scaling: {
      ...scaling,
      ...(gone('manual') ? { manual: undefined } : {}),
      ...(gone('limit') ? { limit: undefined } : {}),
      ...(gone('concurrency') ? { concurrency: undefined } : {}),
      ...(gone('boot') ? { boots: undefined, raised: undefined } : {}),
    },
  };
}

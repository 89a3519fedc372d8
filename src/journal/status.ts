import { decidedIn, type Believed, type Burst, type Entry } from './entry.ts';
import type { Prices } from './prices.ts';
import { counted, nextTypeStatus, type Counts, type TypeStatus } from './type-status.ts';

/** What the clock last read, decided and did. JSON, bounded. */
export type Status = {
  readonly version: 1;
  readonly appName: string;
  /** What the platform calls one worker, such as `dyno`. Absent: `DEFAULT_NOUN`. */
  readonly noun?: string | undefined;
  /** The platform's name. Absent: `DEFAULT_PLATFORM`. */
  readonly platform?: string | undefined;
  /** The clock changes nothing: its quantities are those of a shadow. */
  readonly shadow?: true | undefined;
  /** Epoch ms of the last tick, and of the first one counted here. */
  readonly at: number;
  readonly since: number;
  readonly tickMs: number;
  readonly tookMs: number;
  readonly requestsLeft?: number | undefined;
  readonly ticks: Counts;
  /** Ticks by duration: one count for each bound of `TOOK_BOUNDS_MS`, and one for longer ticks. */
  readonly took: { readonly buckets: readonly number[]; readonly sumMs: number };
  readonly types: readonly TypeStatus[];
  /** Beliefs after the last tick. */
  readonly beliefs?: readonly Believed[] | undefined;
};

export const TOOK_BOUNDS_MS: readonly number[] = [25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000];

/** After this many consecutive ticks without a decision the clock counts as unhealthy. */
export const BLIND_TICKS = 3;

/** For a status that was saved before there was another platform. */
export const DEFAULT_NOUN = 'dyno';
export const DEFAULT_PLATFORM = 'Heroku';

/** A tick later than this counts as missed, however long the interval. */
const LATE_MS = 600_000;

export type StatusContext = {
  readonly appName: string;
  readonly timeZone: string;
  /** The platform's word for one worker, its name, and what it charges; without prices there are no costs. */
  readonly noun?: string | undefined;
  readonly platform?: string | undefined;
  readonly prices?: Prices | undefined;
  readonly shadow?: true | undefined;
};

/** The status after one more tick, and the bursts that ended with it. */
export function nextStatus(
  before: Status | undefined,
  entry: Entry,
  { appName, timeZone, noun, platform, prices, shadow }: StatusContext,
): { readonly status: Status; readonly bursts: readonly Burst[] } {
  const results = entry.types.map((type) => {
    const known = before?.types.find(({ processType }) => processType === type.processType);
    const gapMs = before ? Math.min(entry.at - before.at, 3 * before.tickMs) : 0;
    const day = dayOf(entry.at, timeZone);
    return nextTypeStatus(known, type, entry, { gapMs: Math.max(0, gapMs), day, prices });
  });
  const bucket = TOOK_BOUNDS_MS.findIndex((bound) => entry.tookMs <= bound);
  const took = before?.took ?? { buckets: [...TOOK_BOUNDS_MS, 0].map(() => 0), sumMs: 0 };
  const status: Status = {
    version: 1,
    appName,
    noun,
    platform,
    shadow,
    at: entry.at,
    since: before?.since ?? entry.at,
    tickMs: entry.tickMs,
    tookMs: entry.tookMs,
    requestsLeft: entry.requestsLeft ?? before?.requestsLeft,
    ticks: counted(before?.ticks, outcomeOf(entry)),
    took: {
      buckets: took.buckets.map((count, index) =>
        index === (bucket < 0 ? TOOK_BOUNDS_MS.length : bucket) ? count + 1 : count,
      ),
      sumMs: took.sumMs + entry.tookMs,
    },
    types: results.map(({ type }) => type),
    beliefs: entry.beliefs,
  };
  return { status, bursts: results.flatMap(({ ended }) => ended ?? []) };
}

/** Whether the clock ticks and decides. `words` is public: `/healthz` needs no token. */
export function healthOf(
  status: Status | undefined,
  now: number,
): { readonly ok: boolean; readonly words: string } {
  if (!status) return { ok: false, words: 'no tick yet' };
  const ageMs = now - status.at;
  if (ageMs > status.tickMs + Math.min(2 * status.tickMs, LATE_MS))
    return { ok: false, words: `no tick for ${Math.round(ageMs / 1000)} s` };
  const blind = status.types.some(({ blindTicks }) => blindTicks >= BLIND_TICKS);
  return blind ? { ok: false, words: `no decision for ${BLIND_TICKS} ticks` } : { ok: true, words: 'ok' };
}

function outcomeOf(entry: Entry): 'decided' | 'failed' | 'blind' {
  if (entry.types.every(({ kind }) => kind === 'blind')) return 'blind';
  return entry.types.every(
    (type) => decidedIn(entry, type.processType)?.failure === undefined && type.kind !== 'blind',
  )
    ? 'decided'
    : 'failed';
}

/** The operator's calendar day, such as 2026-11-21. */
function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}

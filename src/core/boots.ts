import { BOOT_WATCH_MS, type Boot } from './drain.ts';

/** The boots seen last, ms from the scale-up to the first job, oldest first. JSON, bounded. */
export type Boots = readonly number[];

/** Several scale-ups of tens of workers; older boots were those of an earlier release or size. */
export const MOST_BOOTS = 64;
/**
 * The part of the boots that are planned to be in time. Planning with a boot that is exceeded by a share 1 − q leaves that
 * share of the new workers late, and with them the jobs that count on exactly these workers. Those are at most the first
 * job of each slot, because workers that are up take the later ones; where a slot starts two jobs or more before the
 * deadline, that is half of the jobs. So a tenth of late boots makes at most 5 % of a burst late, which is what the wait
 * promises by default. Where jobs are so long that a slot starts only one, the calibrated margin covers the rest.
 */
const PLANNED_PART = 0.9;

/** Adds boots to those remembered. */
export function addBoots(before: Boots, boots: readonly Boot[]): Boots {
  return [...before, ...boots.map(({ ms }) => ms)].slice(-MOST_BOOTS);
}

/** The shortest and the longest boot, and the one to plan with, all in ms; undefined before the first boot. */
export type BootRange = { readonly leastMs: number; readonly mostMs: number; readonly plannedMs: number };

export function bootRangeOf(boots: Boots): BootRange | undefined {
  const sorted = boots.toSorted((a, b) => a - b);
  const [leastMs] = sorted;
  const mostMs = sorted.at(-1);
  if (leastMs === undefined || mostMs === undefined) return undefined;
  return { leastMs, mostMs, plannedMs: Math.min(quantile(sorted, PLANNED_PART), BOOT_WATCH_MS) };
}

/** Interpolated between neighbours (Hyndman and Fan 1996, type 7), or a single new boot would move it by much. */
function quantile(sorted: Boots, part: number): number {
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** The last scale-up, while its boots are counted. */
export type Raised = {
  /** From how many workers, and when (epoch ms). */
  readonly above: number;
  readonly at: number;
  /** The workers whose boots have been counted, or whose jobs show nothing of a boot. */
  readonly counted?: readonly string[] | undefined;
  /** The longest of these boots, ms. */
  readonly slowestMs?: number | undefined;
};

/** Once half of the new workers have booted, none is waited for longer than this many times the slowest of them. */
const OUTLIER_TIMES = 2;

/** The boots that were not counted before; and the scale-up, unless all are counted. */
export function learnBoots(
  raised: Raised,
  boots: readonly Boot[],
  now: { readonly quantity: number; readonly at: number },
): { readonly added: readonly Boot[]; readonly raised: Raised | undefined } {
  const known = new Set(raised.counted);
  const added = boots.filter(({ worker }) => !known.has(worker)).slice(0, MOST_BOOTS - known.size);
  const counted = [...known, ...added.map(({ worker }) => worker)];
  const slowestMs = Math.max(raised.slowestMs ?? 0, ...added.map(({ ms }) => ms));
  const after = { ...raised, counted, slowestMs };
  return { added, raised: isComplete(after, now) ? undefined : after };
}

/** Leaves out workers whose boots cannot be seen. */
export function withoutBoots(raised: Raised, workers: readonly string[]): Raised {
  const counted = new Set([...(raised.counted ?? []), ...workers]);
  return { ...raised, counted: [...counted].slice(0, MOST_BOOTS) };
}

/**
 * All boots count, as the slowest matter most. But a worker that takes more than twice as long as the slowest of half of
 * them has more likely been restarted, by a crash or a deploy, than been slow to boot.
 */
function isComplete(
  { above, at: raisedAt, counted = [], slowestMs = 0 }: Raised,
  { quantity, at }: { readonly quantity: number; readonly at: number },
): boolean {
  const started = Math.min(quantity - above, MOST_BOOTS);
  const waitedLong =
    slowestMs > 0 && 2 * counted.length >= started && at - raisedAt > OUTLIER_TIMES * slowestMs;
  return counted.length >= started || waitedLong;
}

/** The scale-up, while a boot that it caused may still end. */
export function stillRaised(raised: Raised | undefined, at: number): Raised | undefined {
  return raised !== undefined && raised.at <= at && at - raised.at < BOOT_WATCH_MS ? raised : undefined;
}

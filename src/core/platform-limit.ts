/** The most workers that the platform allows, by its refusal of more. */
export type PlatformLimit = {
  readonly count: number;
  /** What it counts: the workers of one process type, or those of all types of the app. */
  readonly counts: 'type' | 'app';
};

/** A limit as it is believed. It ends by time alone: Drover does not see upgraded plans or other types scaled down. */
export type LimitBelief = PlatformLimit & {
  /** Epoch ms of the last refusal, and until when no more than the limit is tried. */
  readonly since: number;
  readonly until: number;
  /** Refusals in a row, each of which doubled the time. */
  readonly refusals: number;
};

const FIRST_RETRY_MS = 60_000;
/** A limit that no longer exists restrains scaling for no longer than this. */
export const LONGEST_LIMIT_MS = 240_000;
/** After this time without a refusal the next one counts as the first. */
const ROW_ENDS_MS = 600_000;

export function learnLimit(before: LimitBelief | undefined, limit: PlatformLimit, at: number): LimitBelief {
  const goesOn = before !== undefined && at - before.since < ROW_ENDS_MS;
  const refusals = Math.min(10, (goesOn ? before.refusals : 0) + 1);
  const forMs = Math.min(LONGEST_LIMIT_MS, FIRST_RETRY_MS * 2 ** (refusals - 1));
  return { ...limit, since: at, until: at + forMs, refusals };
}

/** Workers that a process type may have under a limit. `others`: the total quantity of the app's other types. */
export function allowedBy({ count, counts }: PlatformLimit, others: number): number {
  return counts === 'type' ? count : Math.max(0, count - others);
}

/** The same for a believed limit; Infinity without one. */
export function allowedAt(belief: LimitBelief | undefined, others: number, at: number): number {
  if (belief === undefined || at >= belief.until || belief.until > at + LONGEST_LIMIT_MS) return Infinity;
  return allowedBy(belief, others);
}

/** Undefined once the next refusal would count as the first. */
export function keptLimit(belief: LimitBelief | undefined, at: number): LimitBelief | undefined {
  return belief !== undefined && at - belief.since < ROW_ENDS_MS ? belief : undefined;
}

/** How a platform names the workers of a process type, and which of them a scale-down removes. */
export type WorkerNaming = NumberedWorkers | ListedWorkers;

/** Numbers without gaps; the highest are removed first. */
export type NumberedWorkers = {
  readonly kind: 'numbered';
  /** What a name has before its number: `worker.`, `worker-`. */
  readonly prefix: string;
  /** Where the platform begins to count unless it is set otherwise: `worker.1`, `worker-0`. */
  readonly base: 0 | 1;
  /** The number of the first worker of this type. */
  readonly first: number;
  /** The prefixes of the other process types: a job on one of their workers runs on none of this type. */
  readonly otherPrefixes: readonly string[];
  readonly elsewhere?: Elsewhere;
};

/** Names without an order. The platform lists the workers, and a scale-down says which it may remove. */
export type ListedWorkers = {
  readonly kind: 'listed';
  readonly workers: readonly ListedWorker[];
  readonly elsewhere?: Elsewhere;
};

/** The names of workers of other process types, where the platform lists them. */
type Elsewhere = readonly string[] | undefined;

export type ListedWorker = {
  readonly name: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** It is being removed already, and no longer counts in the quantity. */
  readonly leaving: boolean;
  /** Whether a process of it may be running, and so a job. */
  readonly running: boolean;
  /** A scale-down takes workers of a lower rank first, whichever are wanted; within one rank it takes those wanted. */
  readonly rank: number;
  /** Marked as wanted for removal by an earlier scale-down. */
  readonly marked: boolean;
};

/** More workers than any process type has. */
const MOST_DIGITS = 5;

/** The worker's place by number, 1 for the first; undefined for a name of another form. */
export function ordinalOf(name: string, { prefix, base, first }: NumberedWorkers): number | undefined {
  const number = numberAfter(prefix, name, base);
  return number === undefined || number < first ? undefined : number - first + 1;
}

/** What the workers' own count is ahead of `ordinalOf`: they know their names, but not where this type's numbers begin. */
export function numbersSkipped({ base, first }: NumberedWorkers): number {
  return first - base;
}

/** Whether a name is that of a worker of another process type. */
export function isOfOtherType(name: string, { base, otherPrefixes }: NumberedWorkers): boolean {
  return otherPrefixes.some((prefix) => numberAfter(prefix, name, base) !== undefined);
}

/** The workers that are not being removed. */
export function activeOf({ workers }: ListedWorkers): readonly ListedWorker[] {
  return workers.filter(({ leaving }) => !leaving);
}

function numberAfter(prefix: string, name: string, least: number): number | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const digits = name.slice(prefix.length);
  if (digits.length > MOST_DIGITS || !/^(0|[1-9]\d*)$/.test(digits)) return undefined;
  const number = Number(digits);
  return number < least ? undefined : number;
}

import { InvalidArgumentError } from 'commander';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses `90s`, `30m`, `12h`, `7d` to milliseconds, from `least` to `most`; a number alone counts seconds. */
export function spanOption(least: string, most: string): (text: string) => number {
  const [leastMs, mostMs] = [msOf(least), msOf(most)];
  return (text) => {
    const ms = msOf(text);
    if (ms >= leastMs && ms <= mostMs) return ms;
    throw new InvalidArgumentError(`It must be a time from ${least} to ${most}, such as 90s, 30m or 12h.`);
  };
}

/** NaN for anything else. */
function msOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text);
  return Number(match?.[1]) * UNITS_MS[(match?.[2] ?? 's') as keyof typeof UNITS_MS];
}

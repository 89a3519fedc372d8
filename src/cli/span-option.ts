import { InvalidArgumentError } from 'commander';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `12h`, `7d` in milliseconds, from `least` to `most`; a number alone counts seconds. */
export function spanOption(least: string, most: string): (text: string) => number {
  const bounds = [msOf(least), msOf(most)] as const;
  return (text) => {
    const ms = msOf(text);
    if (!(ms >= bounds[0] && ms <= bounds[1]))
      throw new InvalidArgumentError(`It must be from ${least} to ${most}.`);
    return ms;
  };
}

function msOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text);
  return Number(match?.[1]) * UNITS_MS[(match?.[2] ?? 's') as keyof typeof UNITS_MS];
}

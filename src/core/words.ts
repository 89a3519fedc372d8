import type { Policy } from './types.ts';

/** `1 job`, `1,200 jobs`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `3 dynos` on Heroku; `3 workers` where the caller names no noun. */
export function workersText(policy: Policy, count: number): string {
  return counted(count, policy.noun ?? 'worker');
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

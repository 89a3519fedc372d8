import type { Policy } from './types.ts';

/** `1,240`. Without Intl, whose first use takes longer than a decision. */
export function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const groups = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** `1 job`, `1,200 jobs`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `3 dynos` on Heroku; `3 workers` where the caller names no noun. */
export function workersText(policy: Policy, count: number): string {
  return counted(count, policy.noun ?? 'worker');
}

/** `2026-11-23T23:55:50Z`, of epoch ms. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

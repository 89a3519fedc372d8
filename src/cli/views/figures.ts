export { counted, grouped as number, instant } from '../../core/words.ts';

/** A duration in its two largest units: 9 s, 3 min 5 s, 2 h 10 min. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** $12.50, -$3.00. */
export function usd(value: number): string {
  const amount = Math.abs(value).toFixed(2);
  return `${value < 0 && Number(amount) > 0 ? '-' : ''}$${amount}`;
}

/** 2026-11-21 07:30, in UTC. */
export function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

import { deliveryMs, NEWSLETTER, newsletterDay, randomFrom } from '../../src/standin/demo-workload.ts';

/** `burst`: which newsletter the job belongs to, from 0. */
export type JobData = { readonly ms: number; readonly burst?: number };

/** Jobs to add to a queue at one moment, ms from the start. */
export type Batch = { readonly atMs: number; readonly queue: string; readonly jobs: readonly JobData[] };

/** The demo's day, each job with the time that it takes. The same length and seed give the same jobs. */
export function seededDay(lengthMs: number, seed: number): readonly Batch[] {
  const random = randomFrom(seed + 1);
  let bursts = 0;
  return newsletterDay(lengthMs, seed).map(({ atMs, queue, count }) => {
    const burst = queue === NEWSLETTER ? { burst: bursts++ } : {};
    const jobs = Array.from({ length: count }, () => ({ ms: Math.round(deliveryMs(random)), ...burst }));
    return { atMs, queue, jobs };
  });
}

import type { Scaling } from './burst.ts';

/** Seconds that each part takes on two cores, with its start and until its formation is at the minimum again. */
const SECONDS: Readonly<Record<Scaling, (mails: number) => number>> = {
  drover: (mails) => 35 + mails / 250,
  // Its rule runs after 30 s and then every 60 s; three workers deliver 30 a second until then.
  origin: (mails) => (mails < 900 ? 60 : 120 + mails / 1000),
  fixed: (mails) => 20 + mails / 28,
};

/** How long the example takes, in words. */
export function estimate(scalings: readonly Scaling[], mails: number): string {
  const seconds = scalings.reduce((sum, scaling) => sum + SECONDS[scaling](mails), 0);
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

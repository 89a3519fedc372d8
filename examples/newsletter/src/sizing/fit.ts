/** One process that did the same job over and over, so many at a time. */
export type Sample = {
  readonly concurrency: number;
  readonly jobs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Most memory it ever held, in MB of 1,000,000 bytes. */
  readonly peakMb: number;
};

export type Fit = {
  /** What a process needs before its first job. */
  readonly baseMb: number;
  /** What each further job at a time adds. */
  readonly perJobMb: number;
  /** From the start to the end of a job that has a process to itself. */
  readonly wallMs: number;
  /** Processor time of one job, over all threads. */
  readonly cpuMs: number;
};

/** A straight line through the memory by least squares, never a falling one. Needs two different concurrencies. */
export function fit(samples: readonly Sample[]): Fit {
  const alone = samples.reduce((least, sample) => (sample.concurrency < least.concurrency ? sample : least));
  const meanOf = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [meanOf(({ concurrency }) => concurrency), meanOf(({ peakMb }) => peakMb)];
  const spread = meanOf(({ concurrency }) => (concurrency - x) ** 2);
  if (spread === 0) throw new RangeError('all samples have one concurrency');
  const slope = meanOf(({ concurrency, peakMb }) => (concurrency - x) * (peakMb - y)) / spread;
  const perJobMb = Math.max(0, slope);
  return {
    perJobMb,
    baseMb: y - perJobMb * x,
    wallMs: (alone.wallMs * alone.concurrency) / alone.jobs,
    cpuMs: meanOf(({ cpuMs, jobs }) => cpuMs / jobs),
  };
}

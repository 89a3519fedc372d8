/** A job whose worker was killed, by the number of its dyno. Its lock outlives the worker for a while. */
type Orphan = { readonly number: number; readonly lockedUntil: number };

/** Jobs in the active list that nobody works on, until the stalled check of a live worker finds them. */
export class Orphans {
  private readonly byJob = new Map<number, Orphan>();

  add(job: number, number: number, lockedUntil: number): void {
    this.byJob.set(job, { number, lockedUntil });
  }

  recovered(job: number): void {
    this.byJob.delete(job);
  }

  /** Those that show as orphans: the lock is gone. */
  *unlocked(at: number): Iterable<number> {
    for (const [job, { lockedUntil }] of this.byJob) if (lockedUntil <= at) yield job;
  }

  /** Dyno numbers of those that still look as if they were worked on, one for each job. */
  *locked(at: number): Iterable<number> {
    for (const { number, lockedUntil } of this.byJob.values()) if (lockedUntil > at) yield number;
  }
}

/** Counts since the start of the simulation. */
export type Tally = {
  finished: number;
  /** Attempts that died with their worker. */
  kills: number;
  /** Attempts repeated after a kill. */
  redone: number;
  /** Jobs that failed for good because their worker was killed twice. */
  lost: number;
  changes: number;
  peak: number;
};

export function emptyTally(): Tally {
  return { finished: 0, kills: 0, redone: 0, lost: 0, changes: 0, peak: 0 };
}

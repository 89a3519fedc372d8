import { Failure } from '../../failure.ts';
import type { FormationState } from '../../ports.ts';

type Reading = FormationState | Failure;

/** What was read of each process type, for as long as the budget asks to make do with it. Times are monotonic ms. */
export class CachedReadings {
  readonly #readings = new Map<string, { readonly reading: Reading; readonly atMs: number }>();

  keep(processType: string, reading: Reading, atMs: number): void {
    this.#readings.set(processType, { reading, atMs });
  }

  /** Drops it, and hands over what it was where it was no failure. */
  forget(processType: string): FormationState | undefined {
    const reading = this.#readings.get(processType)?.reading;
    this.#readings.delete(processType);
    return reading instanceof Failure ? undefined : reading;
  }

  /** All of them, or undefined where one is missing or older than that. */
  all(processTypes: readonly string[], nowMs: number, maxAgeMs: number): Map<string, Reading> | undefined {
    const found = new Map<string, Reading>();
    for (const processType of processTypes) {
      const kept = this.#readings.get(processType);
      if (kept === undefined || nowMs - kept.atMs >= maxAgeMs) return undefined;
      found.set(processType, kept.reading);
    }
    return found;
  }
}

/** What a platform charges for its workers. */
export type Prices = {
  /** The list and its date, as texts show it. */
  readonly list: string;
  /**
   * US dollars at list price for one worker of a size that runs all month. Undefined for a size without a price of its
   * own.
   */
  readonly dollarsAMonth: (size: string) => number | undefined;
};

const HOURS_A_MONTH = 720;
const HOUR_MS = 3_600_000;

/** US dollars for milliseconds times workers of a size, a month being 720 hours. Undefined where no price is known. */
export function costOf(workerMs: number, size: string, prices: Prices | undefined): number | undefined {
  const dollars = prices?.dollarsAMonth(size);
  return dollars === undefined ? undefined : ((workerMs / HOUR_MS) * dollars) / HOURS_A_MONTH;
}

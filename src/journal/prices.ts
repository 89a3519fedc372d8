import { findSize } from '../heroku-sizes.ts';

export { PRICES_AS_OF } from '../heroku-sizes.ts';

const HOURS_A_MONTH = 720;
const HOUR_MS = 3_600_000;

/**
 * US dollars at list price for milliseconds times dynos of a size: billed by the second, a month being 720 hours.
 * Undefined for a size without a price of its own: an unknown one, or Eco, whose fee an account's dynos share.
 */
export function costOf(dynoMs: number, size: string): number | undefined {
  const found = findSize(size);
  if (found === undefined || found.tier === 'Eco') return undefined;
  return ((dynoMs / HOUR_MS) * found.dollarsAMonth) / HOURS_A_MONTH;
}

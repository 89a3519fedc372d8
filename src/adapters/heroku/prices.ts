import { findSize, PRICES_AS_OF } from '../../heroku-sizes.ts';
import type { Prices } from '../../journal/prices.ts';

/** Billed by the second. Eco has no price of its own: its fee is shared by an account's dynos. */
export const HEROKU_PRICES: Prices = {
  list: `Heroku's list (${PRICES_AS_OF})`,
  dollarsAMonth: (size) => {
    const found = findSize(size);
    return found === undefined || found.tier === 'Eco' ? undefined : found.dollarsAMonth;
  },
};

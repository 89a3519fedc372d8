/**
 * Heroku's price list: US dollars a month, billed by the second, a month being 720 hours. Copied from the table of its
 * command line client; accounts with a contract pay otherwise.
 */
export const PRICES_AS_OF = '2026, Heroku CLI 11.10';

const MONTHLY: Readonly<Record<string, number>> = {
  basic: 7,
  'standard-1x': 25,
  'standard-2x': 50,
  'performance-m': 250,
  'performance-l': 500,
  'performance-l-ram': 500,
  'performance-xl': 750,
  'performance-2xl': 1500,
  'private-s': 225,
  'private-m': 450,
  'private-l': 900,
  'private-l-ram': 500,
  'private-xl': 750,
  'private-2xl': 1500,
  'shield-s': 270,
  'shield-m': 540,
  'shield-l': 1080,
  'shield-l-ram': 600,
  'shield-xl': 900,
  'shield-2xl': 1800,
  'dyno-1c-0.5gb': 25,
  'dyno-2c-1gb': 50,
  'dyno-1c-4gb': 80,
  'dyno-2c-8gb': 160,
  'dyno-4c-16gb': 320,
  'dyno-8c-32gb': 640,
  'dyno-16c-64gb': 1000,
  'dyno-2c-4gb': 150,
  'dyno-4c-8gb': 300,
  'dyno-8c-16gb': 600,
  'dyno-16c-32gb': 1200,
  'dyno-32c-64gb': 2400,
  'dyno-1c-8gb': 100,
  'dyno-2c-16gb': 250,
  'dyno-4c-32gb': 500,
  'dyno-8c-64gb': 750,
  'dyno-16c-128gb': 1500,
};

const HOURS_A_MONTH = 720;
const HOUR_MS = 3_600_000;

/** US dollars for milliseconds times dynos of a size; undefined for a size that has no price of its own. */
export function costOf(dynoMs: number, size: string): number | undefined {
  const key = size.toLowerCase();
  const monthly = Object.hasOwn(MONTHLY, key) ? MONTHLY[key] : undefined;
  return monthly === undefined ? undefined : ((dynoMs / HOUR_MS) * monthly) / HOURS_A_MONTH;
}

/**
 * Heroku's dyno sizes: the one catalogue of their names, list prices and limits. Names and prices are those of Heroku's
 * command line client, limits those of "Dyno scaling and process limits" in its Dev Center (3 December 2024). Support can
 * raise a limit, and accounts with a contract pay other prices.
 */
export const PRICES_AS_OF = '2026, Heroku CLI 11.10';

export type Generation = 'cedar' | 'fir';

/** The dynos of one app must all be of one tier. */
type Tier = 'Eco' | 'Basic' | 'Production' | 'Private' | 'Shield' | 'Fir';

export type DynoSize = {
  /** As its generation spells it: `Standard-1X`, `dyno-1c-0.5gb`. */
  readonly name: string;
  readonly generation: Generation;
  readonly tier: Tier;
  readonly memoryGb: number;
  /** The share of a machine: relative to Standard-1X on Cedar, cores on Fir. */
  readonly compute: number;
  /** List price of a dyno that runs all month; for Eco the fee that all Eco dynos of an account share. */
  readonly dollarsAMonth: number;
};

type Row = readonly [name: string, memoryGb: number, compute: number, dollarsAMonth: number];

const CEDAR: Readonly<Record<Exclude<Tier, 'Fir'>, readonly Row[]>> = {
  Eco: [['Eco', 0.5, 1, 5]],
  Basic: [['Basic', 0.5, 1, 7]],
  Production: [
    ['Standard-1X', 0.5, 1, 25],
    ['Standard-2X', 1, 2, 50],
    ['Performance-M', 2.5, 12, 250],
    ['Performance-L', 14, 46, 500],
    ['Performance-L-RAM', 30, 24, 500],
    ['Performance-XL', 62, 50, 750],
    ['Performance-2XL', 126, 100, 1500],
  ],
  Private: [
    ['Private-S', 1, 12, 225],
    ['Private-M', 2.5, 23, 450],
    ['Private-L', 14, 46, 900],
    ['Private-L-RAM', 30, 24, 500],
    ['Private-XL', 62, 50, 750],
    ['Private-2XL', 126, 100, 1500],
  ],
  // The command line client's names for the private sizes in a shielded space; the API itself answers `Private-…`.
  Shield: [
    ['Shield-S', 1, 12, 270],
    ['Shield-M', 2.5, 23, 540],
    ['Shield-L', 14, 46, 1080],
    ['Shield-L-RAM', 30, 24, 600],
    ['Shield-XL', 62, 50, 900],
    ['Shield-2XL', 126, 100, 1800],
  ],
};

const FIR: readonly (readonly [cores: number, memoryGb: number, dollarsAMonth: number])[] = [
  [1, 0.5, 25],
  [2, 1, 50],
  [1, 4, 80],
  [2, 8, 160],
  [4, 16, 320],
  [8, 32, 640],
  [16, 64, 1000],
  [2, 4, 150],
  [4, 8, 300],
  [8, 16, 600],
  [16, 32, 1200],
  [32, 64, 2400],
  [1, 8, 100],
  [2, 16, 250],
  [4, 32, 500],
  [8, 64, 750],
  [16, 128, 1500],
];

export const DYNO_SIZES: readonly DynoSize[] = [
  ...Object.entries(CEDAR).flatMap(([tier, rows]) =>
    rows.map(([name, memoryGb, compute, dollarsAMonth]): DynoSize => {
      return { name, generation: 'cedar', tier: tier as Tier, memoryGb, compute, dollarsAMonth };
    }),
  ),
  ...FIR.map(([compute, memoryGb, dollarsAMonth]): DynoSize => {
    const name = `dyno-${compute}c-${memoryGb}gb`;
    return { name, generation: 'fir', tier: 'Fir', memoryGb, compute, dollarsAMonth };
  }),
];

const BY_NAME = new Map(DYNO_SIZES.map((size) => [size.name.toLowerCase(), size]));

/** The size of that name, in any case. */
export function findSize(name: string): DynoSize | undefined {
  return BY_NAME.get(name.toLowerCase());
}

export const DYNOS_PER_APP: Readonly<Record<Generation, number>> = { cedar: 100, fir: 255 };

/** Dynos of one process type, by the first word of the size's name, so that it holds for sizes added later too. */
const DYNOS_PER_TYPE: ReadonlyMap<string, number> = new Map([
  ['eco', 1],
  ['basic', 1],
  ['performance', 10],
  ['private', 10],
  ['shield', 10],
]);

/** How many dynos of that size one process type may have; undefined where only the app's limit binds. */
export function limitPerType(size: string): number | undefined {
  return DYNOS_PER_TYPE.get(size.toLowerCase().split('-')[0] ?? '');
}

/** The most dynos that an app and one of its process types may have, unless Heroku raised the limit. */
export function documentedLimits(
  generation: string,
  size: string,
): { readonly perApp: number; readonly perType: number } {
  const perApp = DYNOS_PER_APP[generation === 'fir' ? 'fir' : 'cedar'];
  return { perApp, perType: limitPerType(size) ?? perApp };
}

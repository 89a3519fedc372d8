/** What texts for people need to know of a platform. */
export type PlatformWords = {
  /** `Heroku`, `Kubernetes`. */
  readonly name: string;
  /** One worker: `dyno`, `pod`. */
  readonly noun: string;
  /** The environment variable from which a worker knows its own name: `DYNO`, `HOSTNAME`. */
  readonly nameVariable: string;
  /** US dollars at list price for a worker of that size that runs all month; absent or undefined: no price is known. */
  readonly monthlyPricePerWorker?: ((size: string) => number | undefined) | undefined;
  /** Where the platform publishes its outages; absent where there is no such place. */
  readonly statusPage?: string | undefined;
};

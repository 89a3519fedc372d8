/** What a platform calls things, in texts for people. */
export type PlatformWords = {
  /** `Heroku`, `Kubernetes`. */
  readonly name: string;
  /** One worker: `dyno`, `pod`. */
  readonly noun: string;
  /** The environment variable from which a worker knows its own name: `DYNO`, `HOSTNAME`. */
  readonly nameVariable: string;
  /** Where the platform publishes its outages; absent where there is no such place. */
  readonly statusPage?: string | undefined;
};

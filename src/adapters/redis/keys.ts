/** Drover's own keys, the only ones it writes. The hash tag keeps the keys of one app on one node of a cluster. */
export function stateKeys(appName: string): {
  readonly lease: string;
  readonly fence: string;
  /** `check` writes it to test the right to write. */
  readonly check: string;
  readonly memory: (processType: string) => string;
  /** The same of a shadow, whose quantity is not the platform's. */
  readonly shadowMemory: (processType: string) => string;
  /** The journal: the last ticks, the current status, and one key per hour. */
  readonly ticks: string;
  readonly status: string;
  hour(startsAt: number): string;
  readonly pause: string;
  /** Kinds of beliefs that an operator has requested to forget. */
  readonly forget: string;
} {
  const base = `drover:{${appName}}`;
  return {
    lease: `${base}:lease`,
    fence: `${base}:fence`,
    check: `${base}:check`,
    memory: (processType) => `${base}:memory:${processType}`,
    shadowMemory: (processType) => `${base}:shadow:${processType}`,
    ticks: `${base}:ticks`,
    status: `${base}:status`,
    hour: (startsAt) => `${base}:hour:${new Date(startsAt).toISOString().slice(0, 13)}`,
    pause: `${base}:pause`,
    forget: `${base}:forget`,
  };
}

/** State that was not written for so long belongs to an app that is gone. */
export const STATE_EXPIRY_MS = 30 * 24 * 3_600_000;

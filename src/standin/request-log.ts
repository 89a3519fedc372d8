import type { PlatformRequest } from './fault.ts';

/** `status` is 0 until the request is answered. `at` is epoch ms. */
export type PlatformLogEntry = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
  readonly body: unknown;
};

const MAX_LOG_ENTRIES = 10_000;

/** The last requests of a stand-in, oldest first. */
export class RequestLog {
  readonly entries: { -readonly [Key in keyof PlatformLogEntry]: PlatformLogEntry[Key] }[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns what to call with the status of the answer. */
  record({ method, path, body }: PlatformRequest): (status: number) => void {
    const entry = { method, path, status: 0, at: this.#now(), body };
    this.entries.push(entry);
    if (this.entries.length > MAX_LOG_ENTRIES) this.entries.shift();
    return (status) => {
      entry.status = status;
    };
  }
}

import { RequestBackoff } from '../http/retry.ts';
import { allowanceAt, readingMayAgeMs, type Allowance, type Budget } from './budget.ts';

/**
 * What the apps of one token share: the account's rate limit as the last answer to any of them gave it, and a pause of all
 * requests. Drover's part of the limit is divided evenly, so that no app uses up what another needs.
 */
export class HerokuAccount {
  budget: Budget | undefined;
  readonly backoff = new RequestBackoff();
  readonly #apps: number;

  constructor(apps = 1) {
    this.#apps = apps;
  }

  /** See `readingMayAgeMs`, for one of the apps. */
  readingMayAgeMs(): number {
    return readingMayAgeMs(this.budget, this.#apps);
  }

  /** See `allowanceAt`, for one of the apps. */
  allowanceAt(before: Allowance | undefined, nowMs: number): Allowance {
    return allowanceAt(before, nowMs, this.budget, this.#apps);
  }
}

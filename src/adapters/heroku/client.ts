import { Failure, failureOf, type FailureCode } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { systemClock } from '../system/clock.ts';
import { nextBudget, type Budget } from './budget.ts';
import { RequestBackoff } from './request-backoff.ts';
import { malformed, missingType, rateLimited, refusal } from './refusal.ts';
import { requester as gotRequester, type Answer, type Method, type Requester } from './request.ts';
import { retryAfterMs } from './retry-after.ts';
import { rowsOf } from './rows.ts';

export type HerokuOptions = {
  readonly appName: string;
  readonly token: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /**
   * For one request; default 15 000, as some of Heroku's own take longer than ten seconds. The tick's signal bounds all of
   * them together.
   */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** How requests are sent; default: by got. */
  readonly requester?: Requester;
};

/** What came of one request; `passing`: it may be answered later, so that asking again within the tick is worth it. */
type Result =
  | { readonly kind: 'ok'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly answer: Answer }
  | { readonly kind: 'passing'; readonly failure: Failure; readonly retryInMs: number };

export type HerokuClient = {
  readonly appName: string;
  readonly clock: Clock;
  /** As the last answer told; undefined before the first. */
  budget(): Budget | undefined;
  /** Asks up to three times. Throws a Failure, or the signal's reason. */
  get(path: string, processType: string | undefined, signal: AbortSignal): Promise<Answer>;
  /**
   * Asks once: the caller has to look before it writes again. Throws what is on hold, where nothing was sent. A signal
   * that aborts while the answer is awaited leaves it as any other request without an answer.
   */
  patch(path: string, body: unknown, processType: string, signal: AbortSignal): Promise<Result>;
};

/** Waits before the second and the third time; there is no fourth. */
const RETRY_DELAYS_MS: readonly number[] = [300, 1_000];
/** A server that asks for more patience than this is asked again by a later tick. */
const LONGEST_RETRY_AFTER_MS = 5_000;
/** The account's bucket is refilled once a minute. */
const REFILL_MS = 60_000;
const LONGEST_RATE_HOLD_MS = 900_000;
const EVERYTHING = 'everything';
export const FORMATION = '/formation';

/** What may be answered later. Anything else is refused until a person has done something. */
const PASSING: ReadonlySet<FailureCode> = new Set(['HEROKU_UNAVAILABLE', 'HEROKU_REPLY']);

/** Talks to Heroku about one app, within the account's budget. */
export function herokuClient(options: HerokuOptions): HerokuClient {
  const {
    appName,
    token,
    baseUrl,
    timeoutMs = 15_000,
    clock = systemClock,
    requester = gotRequester,
  } = options;
  const request = requester({ baseUrl, token, timeoutMs });
  const holds = new RequestBackoff();
  let budget: Budget | undefined;

  const ask = async (
    method: Method,
    path: string,
    body: unknown,
    processType: string | undefined,
    signal: AbortSignal,
  ): Promise<Result> => {
    const what = `${method} ${path}`;
    const held = holds.check(EVERYTHING, clock.monotonicMs()) ?? holds.check(what, clock.monotonicMs());
    if (held !== undefined) throw held;

    const answer = await request(method, `/apps/${encodeURIComponent(appName)}${path}`, body, signal).catch(
      (thrown: unknown) => {
        if (method === 'GET') throw thrown;
        return failureOf(thrown);
      },
    );
    if (answer instanceof Failure) return { kind: 'passing', failure: answer, retryInMs: 0 };
    budget = nextBudget(budget, answer.header);
    const retryInMs = retryAfterMs(answer.header('retry-after'), answer.header('date'), clock.now());
    if (answer.status >= 200 && answer.status < 300) {
      if (answer.json !== undefined) return { kind: 'ok', answer };
      return { kind: 'passing', failure: malformed('with something that is not JSON'), retryInMs: 0 };
    }
    if (answer.status === 429) return outOfBudget(retryInMs);
    const failure = refusal(answer, { appName, token, processType });
    if (PASSING.has(failure.code)) return { kind: 'passing', failure, retryInMs: retryInMs ?? 0 };
    return { kind: 'refused', failure: await refuse(what, failure, processType, signal), answer };
  };

  const refuse = async (
    what: string,
    failure: Failure,
    processType: string | undefined,
    signal: AbortSignal,
  ): Promise<Failure> => {
    // A limit binds one quantity: another may be asked for at once.
    if (failure.code === 'HEROKU_LIMIT') return failure;
    const missing = failure.code === 'HEROKU_TYPE_MISSING' && processType !== undefined;
    const told = missing ? missingType(processType, appName, await knownTypes(signal)) : failure;
    holds.refuse(what, told, clock.monotonicMs());
    return told;
  };

  const knownTypes = async (signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const result = await ask('GET', FORMATION, undefined, undefined, signal);
      return result.kind === 'ok' ? rowsOf(result.answer.json).map((row) => row.processType) : [];
    } catch {
      // It would only have made the message better.
      return [];
    }
  };

  const outOfBudget = (retryInMs: number | undefined): Result => {
    const forMs = Math.min(LONGEST_RATE_HOLD_MS, retryInMs ?? REFILL_MS);
    const failure = rateLimited(clock.now() + forMs);
    if (forMs > LONGEST_RETRY_AFTER_MS) holds.refuse(EVERYTHING, failure, clock.monotonicMs(), forMs);
    return { kind: 'passing', failure, retryInMs: forMs };
  };

  return {
    appName,
    clock,
    budget: () => budget,
    patch: (path, body, processType, signal) => ask('PATCH', path, body, processType, signal),
    async get(path, processType, signal) {
      for (let attempt = 0; ; attempt += 1) {
        const result = await ask('GET', path, undefined, processType, signal);
        if (result.kind === 'ok') return result.answer;
        // A second timeout would leave no time for the rest of the tick.
        const passing = result.kind === 'passing' && result.failure.code !== 'HEROKU_TIMEOUT';
        const delayMs = passing ? retryDelayMs(result.retryInMs, attempt) : undefined;
        if (delayMs === undefined) throw result.failure;
        await clock.sleep(delayMs, signal);
      }
    },
  };
}

/**
 * How long to wait before asking again after so many retries, where the server asked for `retryInMs` (0: for nothing).
 * Undefined: not within this tick.
 */
export function retryDelayMs(retryInMs: number, retries: number): number | undefined {
  const usualMs = RETRY_DELAYS_MS[retries];
  return usualMs === undefined || retryInMs > LONGEST_RETRY_AFTER_MS
    ? undefined
    : Math.max(usualMs, retryInMs);
}

import { Failure, failureOf, type FailureCode } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { systemClock } from '../system/clock.ts';
import type { Answer } from '../http/answer.ts';
import { malformed, rowsOf } from './answer.ts';
import { HerokuAccount } from './account.ts';
import { nextBudget } from './budget.ts';
import { missingType, rateLimited, refusal } from './refusal.ts';
import { requester as gotRequester, type Method, type Requester } from './request.ts';
import { LONGEST_RETRY_AFTER_MS, RequestBackoff, retryAfterMs, retryDelayMs } from '../http/retry.ts';

export type HerokuOptions = {
  readonly appName: string;
  readonly token: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /**
   * For one request; default 15,000, as some answers of Heroku take longer than ten seconds. The tick's signal bounds all
   * requests together.
   */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Shared by the apps of one token; default: of this app alone. */
  readonly account?: HerokuAccount;
  /** Sends the requests; default: got. */
  readonly requester?: Requester;
};

/** The result of one request. `passing`: a temporary failure, so that another attempt within the tick may succeed. */
type Result =
  | { readonly kind: 'ok'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly answer: Answer }
  | { readonly kind: 'passing'; readonly failure: Failure; readonly retryInMs: number };

type Request = {
  readonly method: Method;
  /** Below the app's own path. */
  readonly path: string;
  readonly body?: unknown;
  /** The process type that the path names, for messages. */
  readonly processType: string | undefined;
};

export type HerokuClient = {
  readonly appName: string;
  readonly clock: Clock;
  readonly account: HerokuAccount;
  /** Makes up to three attempts. Throws a Failure, or the signal's reason. */
  get(path: string, processType: string | undefined, signal: AbortSignal): Promise<Answer>;
  /**
   * Makes one attempt: the caller reads before it writes again. Throws the Failure of a paused request, which is not
   * sent. If the signal aborts while the answer is awaited, the result is that of a request without an answer.
   */
  patch(path: string, body: unknown, processType: string, signal: AbortSignal): Promise<Result>;
};

/** The account's limit is refilled once a minute. */
const REFILL_MS = 60_000;
const LONGEST_RATE_LIMIT_PAUSE_MS = 900_000;
const ALL_REQUESTS = 'all requests';
export const FORMATION = '/formation';

/** Temporary failures. All others last until the operator corrects something. */
const PASSING: ReadonlySet<FailureCode> = new Set(['HEROKU_UNAVAILABLE', 'HEROKU_REPLY']);

/** Requests about one app, within the account's rate limit. */
export function herokuClient(options: HerokuOptions): HerokuClient {
  const {
    appName,
    token,
    baseUrl,
    timeoutMs = 15_000,
    clock = systemClock,
    account = new HerokuAccount(),
    requester = gotRequester,
  } = options;
  const send = requester({ baseUrl, token, timeoutMs });
  const backoff = new RequestBackoff();

  const attempt = async (request: Request, signal: AbortSignal): Promise<Result> => {
    const { method, path, body, processType } = request;
    const nowMs = clock.monotonicMs();
    const paused = account.backoff.check(ALL_REQUESTS, nowMs) ?? backoff.check(keyOf(request), nowMs);
    if (paused !== undefined) throw paused;

    const answer = await send(method, `/apps/${encodeURIComponent(appName)}${path}`, body, signal).catch(
      (thrown: unknown) => {
        if (method === 'GET') throw thrown;
        return failureOf(thrown);
      },
    );
    if (answer instanceof Failure) return { kind: 'passing', failure: answer, retryInMs: 0 };
    account.budget = nextBudget(account.budget, answer.header);
    const retryInMs = retryAfterMs(answer.header('retry-after'), answer.header('date'), clock.now());
    if (answer.status >= 200 && answer.status < 300) {
      if (answer.json !== undefined) return { kind: 'ok', answer };
      return { kind: 'passing', failure: malformed('with something other than JSON'), retryInMs: 0 };
    }
    if (answer.status === 429) return outOfRequests(retryInMs);
    const failure = refusal(answer, { appName, token, processType });
    if (PASSING.has(failure.code)) return { kind: 'passing', failure, retryInMs: retryInMs ?? 0 };
    return { kind: 'refused', failure: await pauseRefused(request, failure, signal), answer };
  };

  /** Pauses a refused request, and returns the failure to report. */
  const pauseRefused = async (request: Request, failure: Failure, signal: AbortSignal): Promise<Failure> => {
    // A limit refuses one quantity; another may be sent at once.
    if (failure.code === 'HEROKU_LIMIT') return failure;
    const { processType } = request;
    const missing = failure.code === 'HEROKU_TYPE_MISSING' && processType !== undefined;
    const reported = missing ? missingType(processType, appName, await knownTypes(signal)) : failure;
    backoff.pause(keyOf(request), reported, clock.monotonicMs());
    return reported;
  };

  const knownTypes = async (signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const result = await attempt({ method: 'GET', path: FORMATION, processType: undefined }, signal);
      return result.kind === 'ok' ? rowsOf(result.answer.json).map((row) => row.processType) : [];
    } catch {
      // The list only improves the message.
      return [];
    }
  };

  const outOfRequests = (retryInMs: number | undefined): Result => {
    const forMs = Math.min(LONGEST_RATE_LIMIT_PAUSE_MS, retryInMs ?? REFILL_MS);
    const failure = rateLimited(clock.now() + forMs);
    if (forMs > LONGEST_RETRY_AFTER_MS)
      account.backoff.pause(ALL_REQUESTS, failure, clock.monotonicMs(), forMs);
    return { kind: 'passing', failure, retryInMs: forMs };
  };

  return {
    appName,
    clock,
    account,
    patch: (path, body, processType, signal) => attempt({ method: 'PATCH', path, body, processType }, signal),
    async get(path, processType, signal) {
      for (let retries = 0; ; retries += 1) {
        const result = await attempt({ method: 'GET', path, processType }, signal);
        if (result.kind === 'ok') return result.answer;
        // A second timeout would leave no time for the rest of the tick.
        const passing = result.kind === 'passing' && result.failure.code !== 'HEROKU_TIMEOUT';
        const delayMs = passing ? retryDelayMs(result.retryInMs, retries) : undefined;
        if (delayMs === undefined) throw result.failure;
        await clock.sleep(delayMs, signal);
      }
    },
  };
}

function keyOf({ method, path }: Request): string {
  return `${method} ${path}`;
}

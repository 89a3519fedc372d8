import { Failure, failureOf, type FailureCode } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import type { Answer } from '../http/answer.ts';
import { LONGEST_RETRY_AFTER_MS, RequestBackoff, retryAfterMs, retryDelayMs } from '../http/retry.ts';
import { send, type NoAnswer, type Request } from '../http/send.ts';
import { systemClock } from '../system/clock.ts';
import type { Credentials, ReadCredentials } from './credentials.ts';
import { malformed, noAnswer, rateLimited, refusal, type RequestContext } from './refusal.ts';

export type KubernetesOptions = {
  readonly credentials: ReadCredentials;
  /** For one request; default 10,000. The tick's signal bounds all requests together. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Sends the requests; default: got. */
  readonly sender?: (request: Request, signal: AbortSignal) => Promise<Answer | NoAnswer>;
};

export type Call = {
  /** From the root of the API on. */
  readonly path: string;
  readonly about: RequestContext;
  readonly body?: unknown;
};

/** The result of one request. `passing`: a temporary failure, so that another attempt within the tick may succeed. */
export type Result =
  | { readonly kind: 'ok'; readonly answer: Answer }
  /** Another client changed the object since it was read. */
  | { readonly kind: 'conflict'; readonly failure: Failure }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'passing'; readonly failure: Failure; readonly retryInMs: number };

export type KubernetesClient = {
  readonly clock: Clock;
  /** Makes up to three attempts. Throws a Failure, or the signal's reason. */
  get(call: Call, signal: AbortSignal): Promise<Answer>;
  /** A POST of a question to the API, such as what an account may do. Changes nothing. Throws as `get`. */
  ask(call: Call, signal: AbortSignal): Promise<Answer>;
  /** A merge patch, in one attempt: the caller reads before it writes again. Throws the Failure of a paused request. */
  patch(call: Call, signal: AbortSignal): Promise<Result>;
};

/** A list of a thousand pods is a third of this. */
const MOST_BYTES = 32 * 1024 * 1024;
/** What API priority and fairness asks for is a second; without Retry-After as long. */
const DEFAULT_RETRY_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const ALL_REQUESTS = 'all requests';

/** Temporary failures. All others last until the operator corrects something. */
const PASSING: ReadonlySet<FailureCode> = new Set(['KUBERNETES_UNAVAILABLE', 'KUBERNETES_REPLY']);

export function kubernetesClient({
  credentials,
  timeoutMs = 10_000,
  clock = systemClock,
  sender = send,
}: KubernetesOptions): KubernetesClient {
  const backoff = new RequestBackoff();

  const request = async (
    method: Request['method'],
    call: Call,
    { server, token, ca, certificate, key, insecure }: Credentials,
    signal: AbortSignal,
  ): Promise<Answer | Failure> => {
    const answer = await sender(
      {
        url: `${server}${call.path}`,
        method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}),
        },
        body: call.body,
        timeoutMs,
        mostBytes: MOST_BYTES,
        https: {
          ...(ca === undefined ? {} : { certificateAuthority: ca }),
          ...(certificate === undefined ? {} : { certificate }),
          ...(key === undefined ? {} : { key }),
          rejectUnauthorized: insecure !== true,
        },
      },
      signal,
    );
    if (!('code' in answer)) return answer;
    return answer.tooLong ? malformed('with more than 32 MB') : noAnswer(answer.code, server, timeoutMs);
  };

  const attempt = async (method: Request['method'], call: Call, signal: AbortSignal): Promise<Result> => {
    const key = `${method} ${call.path}`;
    const nowMs = clock.monotonicMs();
    const paused = backoff.check(ALL_REQUESTS, nowMs) ?? backoff.check(key, nowMs);
    if (paused !== undefined) throw paused;
    const answer = await request(method, call, await credentials(), signal).catch((thrown: unknown) => {
      if (method !== 'PATCH') throw thrown;
      // What a PATCH came to that was cut off is not known.
      return failureOf(thrown);
    });
    if (answer instanceof Failure) return { kind: 'passing', failure: answer, retryInMs: 0 };
    const retryInMs = retryAfterMs(answer.header('retry-after'), answer.header('date'), clock.now());
    if (answer.status >= 200 && answer.status < 300) {
      if (answer.json !== undefined) return { kind: 'ok', answer };
      return { kind: 'passing', failure: malformed('with something other than JSON'), retryInMs: 0 };
    }
    if (answer.status === 429) return outOfRequests(retryInMs);
    const failure = refusal(answer, call.about);
    if (answer.status === 409) return { kind: 'conflict', failure };
    if (PASSING.has(failure.code)) return { kind: 'passing', failure, retryInMs: retryInMs ?? 0 };
    backoff.pause(key, failure, clock.monotonicMs());
    return { kind: 'refused', failure };
  };

  const outOfRequests = (retryInMs = DEFAULT_RETRY_MS): Result => {
    const forMs = Math.min(LONGEST_PAUSE_MS, retryInMs);
    const failure = rateLimited(clock.now() + forMs);
    if (forMs > LONGEST_RETRY_AFTER_MS) backoff.pause(ALL_REQUESTS, failure, clock.monotonicMs(), forMs);
    return { kind: 'passing', failure, retryInMs: forMs };
  };

  const repeated = async (method: Request['method'], call: Call, signal: AbortSignal): Promise<Answer> => {
    for (let retries = 0; ; retries += 1) {
      const result = await attempt(method, call, signal);
      if (result.kind === 'ok') return result.answer;
      // A second timeout would leave no time for the rest of the tick.
      const passing = result.kind === 'passing' && result.failure.code !== 'KUBERNETES_TIMEOUT';
      const delayMs = passing ? retryDelayMs(result.retryInMs, retries) : undefined;
      if (delayMs === undefined) throw result.failure;
      await clock.sleep(delayMs, signal);
    }
  };

  return {
    clock,
    get: async (call, signal) => await repeated('GET', call, signal),
    ask: async (call, signal) => await repeated('POST', call, signal),
    patch: async (call, signal) => await attempt('PATCH', call, signal),
  };
}

import { Failure } from '../../failure.ts';
import type { Answer } from '../http/answer.ts';
import { send } from '../http/send.ts';
import { malformed } from './answer.ts';

export type Method = 'GET' | 'PATCH';

/** A formation of a thousand dynos is a quarter of this; a longer answer is not one of the Platform API. */
const MOST_BYTES = 4 * 1024 * 1024;

export type RequestOptions = {
  /** Such as `https://api.heroku.com`, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  /** For one request, up to the end of its answer. */
  readonly timeoutMs: number;
};

/** Sends one request, once. Returns a Failure if there is no answer, and throws the signal's reason when that aborts. */
export type Requester = (
  options: RequestOptions,
) => (method: Method, path: string, body: unknown, signal: AbortSignal) => Promise<Answer | Failure>;

/** Sends by got. */
export const requester: Requester = (options) => async (method, path, body, signal) => {
  const answer = await send(
    {
      url: `${options.baseUrl}${path}`,
      method,
      headers: {
        accept: 'application/vnd.heroku+json; version=3',
        authorization: `Bearer ${options.token}`,
      },
      body,
      timeoutMs: options.timeoutMs,
      mostBytes: MOST_BYTES,
    },
    signal,
  );
  if (!('code' in answer)) return answer;
  return answer.tooLong ? malformed('with more than 4 MB') : noAnswer(answer.code, options);
};

/** The failure of a request without an answer, by the error code of the system or of got. */
export function noAnswer(code: string, { baseUrl, timeoutMs }: RequestOptions): Failure {
  const { host } = new URL(baseUrl);
  if (code === 'ETIMEDOUT') {
    return new Failure(
      'HEROKU_TIMEOUT',
      `the Heroku API at ${host} did not answer within ${timeoutMs / 1000} s`,
      'Check https://status.heroku.com. Drover holds and retries on the next tick.',
    );
  }
  return new Failure(
    'HEROKU_UNREACHABLE',
    `cannot reach the Heroku API at ${host}${/^\w{1,40}$/.test(code) ? ` (${code})` : ''}`,
    'Check HEROKU_API_URL, the network and https://status.heroku.com. Drover holds and retries on the next tick.',
  );
}

import type { Options } from 'got';

import { version } from '../../config/version.ts';
import { Failure } from '../../failure.ts';
import { malformed, type Answer } from './answer.ts';

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

/** Sends by got. Got's errors hold the token in several places, so none of them leaves here, not even as a cause. */
export const requester: Requester = (options) => {
  const agent = userAgent();
  return async (method, path, body, signal) => {
    // Loading got takes 55 ms, which commands that never call Heroku need not pay.
    const { default: got, RequestError } = await import('got');
    let tooLong = false;
    const request = {
      method,
      headers: {
        accept: 'application/vnd.heroku+json; version=3',
        authorization: `Bearer ${options.token}`,
        'user-agent': agent,
        // A compressed answer of a few kilobytes may decompress to gigabytes.
        'accept-encoding': 'identity',
      },
      decompress: false,
      ...(body === undefined ? {} : { json: body }),
      signal,
      timeout: { request: options.timeoutMs },
      retry: { limit: 0 },
      throwHttpErrors: false,
      // A redirect would send the token to another address.
      followRedirect: false,
    } satisfies Partial<Options>;
    try {
      const sent = got(`${options.baseUrl}${path}`, request);
      void sent.on('downloadProgress', ({ transferred }) => {
        if (transferred <= MOST_BYTES) return;
        tooLong = true;
        sent.cancel();
      });
      const response = await sent;
      const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
      return { status: response.statusCode, header, json: parse(response.body) };
    } catch (thrown) {
      signal.throwIfAborted();
      if (tooLong) return malformed('with more than 4 MB');
      return noAnswer(thrown instanceof RequestError ? thrown.code : '', options);
    }
  };
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

/** Heroku requires every client to name itself and its version. */
export function userAgent(): string {
  return `drover/${version()}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

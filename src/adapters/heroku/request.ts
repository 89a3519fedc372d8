import type { Options } from 'got';

import { Failure } from '../../failure.ts';
import { malformed } from './refusal.ts';
import { userAgent } from './user-agent.ts';

export type Method = 'GET' | 'PATCH';

/** An answer. `json` is undefined where the body is empty or no JSON. */
export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly json: unknown;
};

/** A formation of a thousand dynos is a quarter of this; more is not an answer of the Platform API. */
const MOST_BYTES = 4 * 1024 * 1024;

export type RequestOptions = {
  /** Such as `https://api.heroku.com`, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  /** For one request, its whole answer included. */
  readonly timeoutMs: number;
};

/** Sends one request, once. Returns a Failure where no answer came, and throws the signal's reason when that aborts. */
export type Requester = (
  options: RequestOptions,
) => (method: Method, path: string, body: unknown, signal: AbortSignal) => Promise<Answer | Failure>;

/** By got, whose errors carry the token in several places: none of them leaves here, not even as a cause. */
export const requester: Requester = (options) => {
  const agent = userAgent();
  return async (method, path, body, signal) => {
    // Loading it takes 55 ms, which commands that never call Heroku need not pay.
    const { default: got, RequestError } = await import('got');
    let tooLong = false;
    const request = {
      method,
      headers: {
        accept: 'application/vnd.heroku+json; version=3',
        authorization: `Bearer ${options.token}`,
        'user-agent': agent,
        // A compressed answer of a few kilobytes may unfold to gigabytes, so none is asked for and none unfolded.
        'accept-encoding': 'identity',
      },
      decompress: false,
      ...(body === undefined ? {} : { json: body }),
      signal,
      timeout: { request: options.timeoutMs },
      retry: { limit: 0 },
      throwHttpErrors: false,
      // The token goes nowhere but where it was meant for.
      followRedirect: false,
    } satisfies Partial<Options>;
    try {
      const asked = got(`${options.baseUrl}${path}`, request);
      void asked.on('downloadProgress', ({ transferred }) => {
        if (transferred <= MOST_BYTES) return;
        tooLong = true;
        asked.cancel();
      });
      const response = await asked;
      const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
      return { status: response.statusCode, header, json: parse(response.body) };
    } catch (thrown) {
      signal.throwIfAborted();
      if (tooLong) return malformed('with more than 4 MB');
      return lost(thrown instanceof RequestError ? thrown.code : '', options);
    }
  };
};

/** Why no answer came, by the code of the system or of got. */
export function lost(code: string, { baseUrl, timeoutMs }: RequestOptions): Failure {
  const { host } = new URL(baseUrl);
  if (code === 'ETIMEDOUT') {
    return new Failure(
      'HEROKU_TIMEOUT',
      `the Heroku API at ${host} did not answer within ${timeoutMs / 1000} s`,
      'Look at https://status.heroku.com; Drover holds and tries again on the next tick.',
    );
  }
  return new Failure(
    'HEROKU_UNREACHABLE',
    `the Heroku API at ${host} could not be reached${/^\w{1,40}$/.test(code) ? ` (${code})` : ''}`,
    'Look at HEROKU_API_URL, at the network and at https://status.heroku.com; Drover holds and tries again.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

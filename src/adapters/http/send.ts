import { setMaxListeners } from 'node:events';

import type { Options } from 'got';

import { version } from '../../config/version.ts';
import type { Answer } from './answer.ts';

export type Request = {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Up to the end of the answer. */
  readonly timeoutMs: number;
  /** A longer answer is not one of the API. */
  readonly mostBytes: number;
  readonly https?: Options['https'];
};

/** Why there is no answer: the code of the system or of got, or an answer that was too long. */
export type NoAnswer = { readonly code: string; readonly tooLong: boolean };

/**
 * Sends one request, once. Throws the signal's reason when that aborts. Got's errors hold the token in several places, so
 * none of them leaves here, not even as a cause.
 */
export async function send(
  { url, method, headers, body, timeoutMs, mostBytes, https }: Request,
  signal: AbortSignal,
): Promise<Answer | NoAnswer> {
  // Loading got takes 55 ms, which commands that never call a platform need not pay.
  const { default: got, RequestError } = await import('got');
  let tooLong = false;
  // Each request of a tick listens to its signal, and from eleven on Node would warn of a leak.
  setMaxListeners(0, signal);
  const options = {
    method,
    headers: {
      ...headers,
      'user-agent': userAgent(),
      // A compressed answer of a few kilobytes may decompress to gigabytes.
      'accept-encoding': 'identity',
      ...(body === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' }),
    },
    decompress: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(https === undefined ? {} : { https }),
    signal,
    timeout: { request: timeoutMs },
    retry: { limit: 0 },
    throwHttpErrors: false,
    // A redirect would send the token to another address.
    followRedirect: false,
  } satisfies Partial<Options>;
  try {
    const sent = got(url, options);
    void sent.on('downloadProgress', ({ transferred }) => {
      if (transferred <= mostBytes) return;
      tooLong = true;
      sent.cancel();
    });
    const response = await sent;
    const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
    return { status: response.statusCode, header, json: parse(response.body) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { code: thrown instanceof RequestError ? thrown.code : '', tooLong };
  }
}

/** A client names itself and its version, which Heroku requires. */
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

import type { Platform } from '../../src/standin/platform.ts';

export type Called = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** Sends one request with the documented headers; the target's `headers` replace them. */
export async function call(
  target: Pick<Platform, 'url' | 'token'> & { readonly headers?: Record<string, string> },
  method: string,
  path: string,
  body?: unknown,
): Promise<Called> {
  const response = await fetch(`${target.url}${path}`, {
    method,
    headers: {
      Accept: 'application/vnd.heroku+json; version=3',
      Authorization: `Bearer ${target.token}`,
      'Content-Type': 'application/json',
      ...target.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? '' : JSON.parse(text) };
}

import type { IncomingHttpHeaders } from 'node:http';

import type { App } from './app.ts';
import { ApiError, notFound } from './api-error.ts';
import type { RateLimit } from './rate-limit.ts';
import { ACCOUNT_ROUTES, APP_ROUTES, findRoute, SCOPES, type Answer } from './routes.ts';

type Account = {
  readonly apps: readonly App[];
  readonly token: string;
  readonly scopes: readonly string[];
  readonly rateLimit: RateLimit;
  readonly now: () => number;
};

type ApiRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

/** `headers` are those of the authorisation, which errors carry too once the app is known. */
export type Handled = { readonly answer: Answer; readonly headers: Readonly<Record<string, string>> };

/** Authenticates a request, takes it from the rate limit, checks its version and scope, and runs its route. */
export function handle(account: Account, request: ApiRequest): Handled {
  try {
    authenticate(account.token, request.headers.authorization);
    // Neither this request nor a 429 uses up the rate limit.
    if (request.method === 'GET' && request.pathname === '/account/rate-limits') {
      variantOf(request.headers.accept);
      return { answer: { status: 200, body: { remaining: account.rateLimit.remaining } }, headers: {} };
    }
    takeFromRateLimit(account.rateLimit);
    return dispatch(account, request, variantOf(request.headers.accept));
  } catch (error) {
    return { answer: errorAnswer(error), headers: {} };
  }
}

function dispatch(account: Account, request: ApiRequest, variant: string): Handled {
  const [, name, rest] = /^\/apps\/([^/]+)(.*)$/.exec(request.pathname) ?? [];
  if (name === undefined) {
    const found = findRoute(ACCOUNT_ROUTES, request.method, request.pathname);
    if (found === undefined) throw noSuchRoute();
    return authorized(account, found.route.scope, () =>
      found.route.answer(undefined, { part: found.part, body: request.body, variant, at: account.now() }),
    );
  }
  const found = findRoute(APP_ROUTES, request.method, rest ?? '');
  if (found === undefined) throw noSuchRoute();
  const app = account.apps.find((candidate) => candidate.name === name || candidate.id === name);
  if (app === undefined) throw notFound('app');
  return authorized(account, found.route.scope, () =>
    found.route.answer(app, { part: found.part, body: request.body, variant, at: account.now() }),
  );
}

function authorized(account: Account, scope: keyof typeof SCOPES, run: () => Answer): Handled {
  const accepted: readonly string[] = SCOPES[scope];
  const headers = {
    'Oauth-Scope': account.scopes.join(' '),
    'Oauth-Scope-Accepted': accepted.join(' '),
  };
  if (!account.scopes.some((held) => accepted.includes(held))) {
    const message = 'The scope of this OAuth authorization does not allow access to this resource.';
    return { answer: errorAnswer(new ApiError(403, 'forbidden', message)), headers };
  }
  try {
    return { answer: run(), headers };
  } catch (error) {
    return { answer: errorAnswer(error), headers };
  }
}

function authenticate(token: string, authorization: string | undefined): void {
  if (authorization === undefined) {
    throw new ApiError(
      401,
      'unauthorized',
      'There were no credentials in your `Authorization` header. Try `Authorization: Bearer <OAuth access token>` ' +
        'or `Authorization: Basic <base64-encoded email + ":" + password>`.',
    );
  }
  const basic = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
  if (authorization !== `Bearer ${token}` && authorization !== basic) {
    throw new ApiError(401, 'unauthorized', 'Invalid credentials provided.');
  }
}

function takeFromRateLimit(rateLimit: RateLimit): void {
  if (rateLimit.take()) return;
  throw new ApiError(
    429,
    'rate_limit',
    'Your account reached the API rate limit\nPlease wait a few minutes before making new requests',
    { url: 'https://devcenter.heroku.com/articles/platform-api-reference#rate-limits' },
  );
}

function variantOf(accept: string | undefined): string {
  const variant = /^application\/vnd\.heroku\+json;\s*version=(3(?:\.[a-z-]+)?)$/.exec(accept ?? '')?.[1];
  if (variant !== undefined) return variant;
  throw new ApiError(
    406,
    'not_acceptable',
    'The request did not specify a valid API version in its `Accept` header.',
  );
}

function noSuchRoute(): ApiError {
  return new ApiError(404, 'not_found', 'The requested API endpoint was not found.');
}

/** A bug of the stand-in shows as a server error of Heroku would. */
function errorAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return { status: error.status, body: error.body };
  return { status: 500, body: { id: 'internal_server_error', message: String(error) } };
}

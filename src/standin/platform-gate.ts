import type { IncomingHttpHeaders } from 'node:http';

import type { App } from './platform-app.ts';
import { notFound, PlatformError } from './platform-error.ts';
import type { RateLimit } from './platform-rate-limit.ts';
import { ACCOUNT_ROUTES, APP_ROUTES, findRoute, SCOPES, type Answer } from './platform-routes.ts';

type World = {
  readonly apps: readonly App[];
  readonly token: string;
  readonly scopes: readonly string[];
  readonly rateLimit: RateLimit;
  readonly now: () => number;
};

type Asked = {
  readonly method: string;
  readonly pathname: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

/** `headers` are those of the authorisation: they come with refusals too, once the app is known. */
export type Granted = { readonly answer: Answer; readonly headers: Readonly<Record<string, string>> };

/** Everything between a request and the documents: who asks, in which version, and whether they may. */
export function answer(world: World, asked: Asked): Granted {
  try {
    authenticate(world.token, asked.headers.authorization);
    // Asking for the budget is free, as is being told that it is spent.
    if (asked.method === 'GET' && asked.pathname === '/account/rate-limits') {
      variantOf(asked.headers.accept);
      return { answer: { status: 200, body: { remaining: world.rateLimit.remaining } }, headers: {} };
    }
    takeFromBudget(world.rateLimit);
    return dispatch(world, asked, variantOf(asked.headers.accept));
  } catch (error) {
    return { answer: refusalOf(error), headers: {} };
  }
}

function dispatch(world: World, asked: Asked, variant: string): Granted {
  const [, name, rest] = /^\/apps\/([^/]+)(.*)$/.exec(asked.pathname) ?? [];
  if (name === undefined) {
    const found = findRoute(ACCOUNT_ROUTES, asked.method, asked.pathname);
    if (found === undefined) throw noSuchRoute();
    return granted(world, found.route.scope, () =>
      found.route.answer(undefined, { part: found.part, body: asked.body, variant, at: world.now() }),
    );
  }
  const found = findRoute(APP_ROUTES, asked.method, rest ?? '');
  if (found === undefined) throw noSuchRoute();
  const app = world.apps.find((candidate) => candidate.name === name || candidate.id === name);
  if (app === undefined) throw notFound('app');
  return granted(world, found.route.scope, () =>
    found.route.answer(app, { part: found.part, body: asked.body, variant, at: world.now() }),
  );
}

function granted(world: World, scope: keyof typeof SCOPES, run: () => Answer): Granted {
  const accepted: readonly string[] = SCOPES[scope];
  const headers = {
    'Oauth-Scope': world.scopes.join(' '),
    'Oauth-Scope-Accepted': accepted.join(' '),
  };
  if (!world.scopes.some((held) => accepted.includes(held))) {
    const message = 'The scope of this OAuth authorization does not allow access to this resource.';
    return { answer: refusalOf(new PlatformError(403, 'forbidden', message)), headers };
  }
  try {
    return { answer: run(), headers };
  } catch (error) {
    return { answer: refusalOf(error), headers };
  }
}

function authenticate(token: string, authorization: string | undefined): void {
  if (authorization === undefined) {
    throw new PlatformError(
      401,
      'unauthorized',
      'There were no credentials in your `Authorization` header. Try `Authorization: Bearer <OAuth access token>` ' +
        'or `Authorization: Basic <base64-encoded email + ":" + password>`.',
    );
  }
  const basic = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
  if (authorization !== `Bearer ${token}` && authorization !== basic) {
    throw new PlatformError(401, 'unauthorized', 'Invalid credentials provided.');
  }
}

function takeFromBudget(rateLimit: RateLimit): void {
  if (rateLimit.take()) return;
  throw new PlatformError(
    429,
    'rate_limit',
    'Your account reached the API rate limit\nPlease wait a few minutes before making new requests',
    { url: 'https://devcenter.heroku.com/articles/platform-api-reference#rate-limits' },
  );
}

function variantOf(accept: string | undefined): string {
  const variant = /^application\/vnd\.heroku\+json;\s*version=(3(?:\.[a-z-]+)?)$/.exec(accept ?? '')?.[1];
  if (variant !== undefined) return variant;
  throw new PlatformError(
    406,
    'not_acceptable',
    'The request did not specify a valid API version in its `Accept` header.',
  );
}

function noSuchRoute(): PlatformError {
  return new PlatformError(404, 'not_found', 'The requested API endpoint was not found.');
}

/** A mistake of the stand-in's own shows as the platform's would. */
function refusalOf(error: unknown): Answer {
  if (error instanceof PlatformError) return { status: error.status, body: error.body };
  return { status: 500, body: { id: 'internal_server_error', message: String(error) } };
}

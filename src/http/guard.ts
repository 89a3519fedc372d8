import type { FastifyReply, FastifyRequest } from 'fastify';

import { isLoopback } from '../config/spec.ts';
import { SESSION_COOKIE, type Auth } from './auth.ts';

/** On every answer: nothing from elsewhere, nothing inline, nobody's frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: browsers then leave the origin out of forms, and it is how we know our own.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Whether this request may see and do what is behind the token. Without a token only this machine may. */
export function mayEnter(auth: Auth | undefined, request: FastifyRequest, at: number): boolean {
  // A page from elsewhere can point a name of its own at 127.0.0.1: the name in the request gives it away.
  if (!auth) return isLoopback(request.hostname) || request.hostname === '[::1]';
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token !== undefined) return auth.accepts(token);
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie !== undefined && auth.inSession(cookie, at);
}

/**
 * Whether a request that changes something was made by our own page, or by a program with the token. The cookie is
 * `SameSite=Strict` already; this holds where a browser, or another app on a sibling domain, gets around that.
 */
export function isOwn(request: FastifyRequest): boolean {
  if (request.headers.authorization !== undefined) return true;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === request.host;
}

/** Guesses in a minute, by everybody together: a token is too long to guess, and a log should stay readable. */
const MOST_GUESSES = 20;
const WINDOW_MS = 60_000;

export class Guesses {
  #times: number[] = [];

  tooMany(at: number): boolean {
    this.#times = this.#times.filter((time) => at - time < WINDOW_MS);
    return this.#times.length >= MOST_GUESSES;
  }

  add(at: number): void {
    this.#times.push(at);
  }
}

export function refuse(reply: FastifyReply, status: number, words: string): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send({ error: words });
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import { isLoopback } from '../config/url.ts';

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

/** What proxies add to a request that they hand on; `x-forwarded-*` besides. */
const HANDED_ON: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fly-client-ip',
  'fastly-client-ip',
]);

/** Whether a request was made on this machine and for it: all that a dashboard without a token answers. */
export function isFromHere({ hostname, headers }: FastifyRequest): boolean {
  // A page from elsewhere can point a name of its own at 127.0.0.1: the name in the request gives it away.
  if (!isLoopback(hostname)) return false;
  // A proxy on this machine may put its upstream's name there; it leaves other traces.
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || HANDED_ON.has(name));
}

/**
 * Whether a request that changes something was made by our own page. The cookie is `SameSite=Strict` already; this holds
 * where a browser, or another app on a sibling domain, gets around that.
 */
export function isOwnPage({ headers, host }: FastifyRequest): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host;
}

export function refuse(reply: FastifyReply, status: number, words: string): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send({ error: words });
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import { isLoopback } from '../config/url.ts';

/** On every response: no foreign resources, no inline code, no framing. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: browsers would send forms without the Origin that `isSameOrigin` checks.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Headers that proxies add, besides `x-forwarded-*`. */
const PROXY_HEADERS: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fly-client-ip',
  'fastly-client-ip',
]);

/** Whether a request comes from this machine directly. A dashboard without a token answers no others. */
export function isLocal({ hostname, headers }: FastifyRequest): boolean {
  // DNS rebinding: a foreign page can point its own name at 127.0.0.1, but the Host header shows that name.
  if (!isLoopback(hostname)) return false;
  // A proxy on this machine may replace the Host header, but adds headers of its own.
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || PROXY_HEADERS.has(name));
}

/**
 * Whether our own page made a request that changes something. The cookie is `SameSite=Strict` already; this check also
 * stops old browsers and apps on a sibling domain.
 */
export function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host;
}

export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send({ error: message });
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import { refuse } from './guard.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * How the browser reached the proxy before us, which ends TLS and says so in X-Forwarded-Proto. Where several proxies
 * left an entry, one plain stretch is enough for `plain`. Without the header nothing is in between.
 */
export function transportOf({ headers }: FastifyRequest): 'https' | 'plain' | 'direct' {
  const forwarded = headers['x-forwarded-proto'];
  if (forwarded === undefined) return 'direct';
  const entries = String(forwarded).split(',');
  return entries.every((entry) => entry.trim().toLowerCase() === 'https') ? 'https' : 'plain';
}

/** Keeps tokens and sessions off plain connections that came through a proxy. */
export async function insistOnTls(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const transport = transportOf(request);
  if (transport === 'https') reply.header('strict-transport-security', `max-age=${YEAR_SECONDS}`);
  if (transport !== 'plain') return;
  const host = request.hostname;
  const safe = request.method === 'GET' || request.method === 'HEAD';
  // The path is appended, not resolved: `//elsewhere/` would be resolved to another host.
  if (safe && /^([\w.-]+|\[[\da-f:.]+\])$/i.test(host) && request.raw.url?.startsWith('/') === true)
    await reply.redirect(`https://${host}${request.raw.url}`, 307);
  else await refuse(reply, 403, 'this is for https only');
}

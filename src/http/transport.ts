import type { FastifyReply, FastifyRequest } from 'fastify';

import { refuse } from './security.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * How the browser reached the proxy, by X-Forwarded-Proto. Of several proxies each adds an entry: one that is not https
 * makes it `plain`. Without the header there is no proxy.
 */
export function transportOf({ headers }: FastifyRequest): 'https' | 'plain' | 'direct' {
  const forwarded = headers['x-forwarded-proto'];
  if (forwarded === undefined) return 'direct';
  const entries = String(forwarded).split(',');
  return entries.every((entry) => entry.trim().toLowerCase() === 'https') ? 'https' : 'plain';
}

/** Refuses or redirects plain http that came through a proxy, so that no token or session crosses it. */
export async function requireHttps(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const transport = transportOf(request);
  if (transport === 'https') reply.header('strict-transport-security', `max-age=${YEAR_SECONDS}`);
  if (transport !== 'plain') return;
  const host = request.hostname;
  const safe = request.method === 'GET' || request.method === 'HEAD';
  // The path is appended, not resolved: `//evil.example/` would resolve to another host.
  if (safe && /^([\w.-]+|\[[\da-f:.]+\])$/i.test(host) && request.raw.url?.startsWith('/') === true)
    await reply.redirect(`https://${host}${request.raw.url}`, 307);
  else await refuse(reply, 403, 'https required');
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import { transportOf } from './transport.ts';

const NAME = 'drover_session';

/** Under TLS a browser takes this prefix only with Secure and from this very host: no sibling domain can plant it. */
function nameFor(request: FastifyRequest): string {
  return transportOf(request) === 'https' ? `__Host-${NAME}` : NAME;
}

/** What the session's cookie holds. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const name = nameFor(request);
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** `value` holds nothing that a cookie has to escape. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  maxAgeSeconds: number,
): FastifyReply {
  const secure = transportOf(request) === 'https' ? '; Secure' : '';
  return reply.header(
    'set-cookie',
    `${nameFor(request)}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly${secure}; SameSite=Strict`,
  );
}

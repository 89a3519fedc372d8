import type { FastifyReply, FastifyRequest } from 'fastify';

import { transportOf } from './transport.ts';

const NAME = 'drover_session';

/** Browsers accept the prefix only with Secure and from this exact host, so no sibling domain can set the cookie. */
function nameFor(request: FastifyRequest): string {
  return transportOf(request) === 'https' ? `__Host-${NAME}` : NAME;
}

/** The value of the session cookie. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const name = nameFor(request);
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** `value` must need no escaping in a cookie. */
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

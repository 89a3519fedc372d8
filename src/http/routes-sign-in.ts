import type { FastifyReply, FastifyRequest } from 'fastify';

import { SESSION_COOKIE, SESSION_MS } from './auth.ts';
import { Guesses, isOwn, refuse } from './guard.ts';
import { sendAsset } from './send-asset.ts';
import { OPEN, type Site } from './site.ts';

/** The token once, in a form; from then on a cookie. */
export function signInRoutes({ app, auth, ports, assets }: Site): void {
  const guesses = new Guesses();

  app.get('/login', OPEN, async (request, reply) =>
    auth ? await sendAsset(assets.pages.login, request, reply) : await reply.redirect('/', 303),
  );

  app.post('/login', OPEN, async (request, reply) => {
    if (!auth || !isOwn(request)) return await refuse(reply, 403, 'this is for the form');
    const at = ports.clock.now();
    if (guesses.tooMany(at)) return await reply.redirect('/login?later', 303);
    if (!auth.accepts(tokenOf(request.body))) {
      guesses.add(at);
      return await reply.redirect('/login?wrong', 303);
    }
    return await withCookie(request, reply, auth.session(at), SESSION_MS / 1000).redirect('/', 303);
  });

  app.post('/logout', OPEN, async (request, reply) => {
    if (!isOwn(request)) return await refuse(reply, 403, 'this is for the dashboard itself');
    return await withCookie(request, reply, '', 0).redirect('/login', 303);
  });
}

function withCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  maxAge: number,
): FastifyReply {
  // Behind a proxy that ends TLS, as Heroku's router, the request itself came in the clear.
  const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
  return reply.setCookie(SESSION_COOKIE, value, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    maxAge,
    secure,
  });
}

function tokenOf(body: unknown): string {
  const has = typeof body === 'object' && body !== null && 'token' in body;
  return has && typeof body.token === 'string' ? body.token : '';
}

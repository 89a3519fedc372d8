import { refuse } from './guard.ts';
import { sendAsset } from './send-asset.ts';
import { OPEN, type Site } from './site.ts';

/** The token once, in a form; from then on a cookie. */
export function signInRoutes({ app, gate, assets }: Site): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  );

  app.get('/login', OPEN, async (request, reply) =>
    gate.needsToken ? await sendAsset(assets.pages.login, request, reply) : await reply.redirect('/', 303),
  );

  app.post('/login', OPEN, async (request, reply) => {
    if (!gate.needsToken || !gate.mayChange(request)) return await refuse(reply, 403, 'this is for the form');
    const verdict = gate.try(request, tokenOf(request.body));
    if (verdict !== 'right') return await reply.redirect(`/login?${verdict}`, 303);
    return await gate.signIn(request, reply).redirect('/', 303);
  });

  app.post('/logout', OPEN, async (request, reply) => {
    if (!gate.mayChange(request)) return await refuse(reply, 403, 'this is for the dashboard itself');
    return await gate.signOut(request, reply).redirect('/login', 303);
  });
}

function tokenOf(body: unknown): string {
  return (body instanceof URLSearchParams ? body.get('token') : null) ?? '';
}

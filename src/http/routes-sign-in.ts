import { PUBLIC, type RouteContext } from './route-context.ts';
import { refuse } from './security.ts';
import { sendAsset } from './send-asset.ts';

const SAME_ORIGIN_ONLY = 'same-origin form submission required';

/** The form takes the token once and starts a session. */
export function signInRoutes({ app, access, assets }: RouteContext): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  );

  app.get('/login', PUBLIC, async (request, reply) =>
    access.needsToken ? await sendAsset(assets.pages.login, request, reply) : await reply.redirect('/', 303),
  );

  app.post('/login', PUBLIC, async (request, reply) => {
    if (!access.needsToken || !access.mayChange(request)) return await refuse(reply, 403, SAME_ORIGIN_ONLY);
    const verdict = access.check(request, tokenOf(request.body));
    if (verdict !== 'accepted') return await reply.redirect(`/login?${verdict}`, 303);
    return await access.signIn(request, reply).redirect('/', 303);
  });

  app.post('/logout', PUBLIC, async (request, reply) => {
    if (!access.mayChange(request)) return await refuse(reply, 403, SAME_ORIGIN_ONLY);
    return await access.signOut(request, reply).redirect('/login', 303);
  });
}

function tokenOf(body: unknown): string {
  return (body instanceof URLSearchParams ? body.get('token') : null) ?? '';
}

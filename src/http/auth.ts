import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const SESSION_COOKIE = 'drover_session';
export const SESSION_MS = 7 * 24 * 3_600_000;

/** Who may look and act: whoever shows the token, or a session that was begun with it. */
export type Auth = {
  /** Whether this is the token. Takes as long for a wrong one. */
  accepts(token: string): boolean;
  /** What the cookie of a session holds: nothing that the token could be found from. */
  session(at: number): string;
  /** Whether the cookie is one of ours and still good. */
  inSession(cookie: string, at: number): boolean;
};

/** Sessions are kept nowhere: the cookie says until when, signed with the token. A new token ends them all. */
export function tokenAuth(token: string): Auth {
  const key = createHash('sha256').update(`drover session ${token}`).digest();
  const sign = (until: string): string => createHmac('sha256', key).update(until).digest('base64url');
  return {
    accepts: (shown) => same(shown, token),
    session: (at) => {
      const until = String(at + SESSION_MS);
      return `${until}.${sign(until)}`;
    },
    inSession: (cookie, at) => {
      const [until = '', signature = ''] = cookie.split('.');
      return same(signature, sign(until)) && Number(until) > at;
    },
  };
}

/** Compares digests, so that neither the length nor the first difference shows in the time it takes. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

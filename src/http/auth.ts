import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const SESSION_MS = 7 * 24 * 3_600_000;

/** Who may look and act: a client that shows the token, or a session that was begun with it. */
export type Auth = {
  /** Whether this is the token. Takes as long for a wrong one. */
  accepts(token: string): boolean;
  /** What the cookie of a new session holds: nothing that the token could be found from. */
  begin(at: number): string;
  /** Whether the cookie is one of ours, still good and not signed out. */
  inSession(cookie: string, at: number): boolean;
  /** Ends a session for every copy of its cookie, as long as this process lives. */
  end(cookie: string, at: number): void;
};

/** Base64url of 9 bytes: two sessions that begin in the same millisecond are two. */
const NONCE_BYTES = 9;
const NONCE_LENGTH = 12;
const MOST_ENDED = 1000;

/**
 * Sessions are kept nowhere: the cookie says until when, signed with the token. A new token ends them all. Kept are only
 * those that were signed out before their time.
 */
export function tokenAuth(token: string): Auth {
  const key = createHash('sha256').update(`drover session ${token}`).digest();
  const sign = (until: string, nonce: string): string =>
    createHmac('sha256', key).update(`${until} ${nonce}`).digest('base64url');
  /** Until when they would have been good, by nonce. */
  const ended = new Map<string, number>();
  let endedUntil = -Infinity;

  const open = (cookie: string): { readonly until: number; readonly nonce: string } | undefined => {
    const [until = '', rest = ''] = cookie.split('.');
    const nonce = rest.slice(0, NONCE_LENGTH);
    return same(rest.slice(NONCE_LENGTH), sign(until, nonce)) ? { until: Number(until), nonce } : undefined;
  };

  return {
    accepts: (shown) => same(shown, token),
    begin: (at) => {
      const until = String(at + SESSION_MS);
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      return `${until}.${nonce}${sign(until, nonce)}`;
    },
    inSession: (cookie, at) => {
      const session = open(cookie);
      return session !== undefined && session.until > Math.max(at, endedUntil) && !ended.has(session.nonce);
    },
    end: (cookie, at) => {
      const session = open(cookie);
      if (session === undefined || session.until <= at) return;
      ended.set(session.nonce, session.until);
      if (ended.size <= MOST_ENDED) return;
      const [nonce, until] = [...ended].reduce((a, b) => (b[1] < a[1] ? b : a));
      // Better to end others that are as old than to let one that was signed out come back.
      ended.delete(nonce);
      endedUntil = Math.max(endedUntil, until);
    },
  };
}

/** Compares digests, so that neither the length nor the first difference shows in the time it takes. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

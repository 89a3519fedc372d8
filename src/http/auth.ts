import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const SESSION_MS = 7 * 24 * 3_600_000;

/** Access by the token, or by a session that was started with it. */
export type Auth = {
  /** Whether this is the token, in constant time. */
  accepts(token: string): boolean;
  /** The cookie of a new session. It does not reveal the token. */
  begin(at: number): string;
  /** Whether the cookie is signed by us, not expired and not signed out. */
  inSession(cookie: string, at: number): boolean;
  /** Ends a session for every copy of its cookie, until this process ends. */
  end(cookie: string, at: number): void;
};

/** Distinguishes sessions that start in the same millisecond; as base64url. */
const NONCE_BYTES = 9;
const NONCE_LENGTH = 12;
const MOST_ENDED = 1000;

/**
 * Sessions are not stored: the cookie carries its expiry, signed with a key derived from the token, so a new token ends
 * them all. Only sessions that were signed out before they expire are remembered.
 */
export function tokenAuth(token: string): Auth {
  const key = createHash('sha256').update(`drover session ${token}`).digest();
  const sign = (until: string, nonce: string): string =>
    createHmac('sha256', key).update(`${until} ${nonce}`).digest('base64url');
  /** Expiry of signed-out sessions, by nonce. */
  const ended = new Map<string, number>();
  let endedUntil = -Infinity;

  const verified = (cookie: string): { readonly until: number; readonly nonce: string } | undefined => {
    const [until = '', rest = ''] = cookie.split('.');
    const nonce = rest.slice(0, NONCE_LENGTH);
    return same(rest.slice(NONCE_LENGTH), sign(until, nonce)) ? { until: Number(until), nonce } : undefined;
  };

  return {
    accepts: (candidate) => same(candidate, token),
    begin: (at) => {
      const until = String(at + SESSION_MS);
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      return `${until}.${nonce}${sign(until, nonce)}`;
    },
    inSession: (cookie, at) => {
      const session = verified(cookie);
      return session !== undefined && session.until > Math.max(at, endedUntil) && !ended.has(session.nonce);
    },
    end: (cookie, at) => {
      const session = verified(cookie);
      if (session === undefined || session.until <= at) return;
      ended.set(session.nonce, session.until);
      if (ended.size <= MOST_ENDED) return;
      const [nonce, until] = [...ended].reduce((a, b) => (b[1] < a[1] ? b : a));
      // Rather end other sessions of that age than accept one again that was signed out.
      ended.delete(nonce);
      endedUntil = Math.max(endedUntil, until);
    },
  };
}

/** Compares digests, so that the time reveals neither the length nor the first difference. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

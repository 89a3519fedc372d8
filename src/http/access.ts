import type { FastifyReply, FastifyRequest } from 'fastify';

import { AuthFailures } from './auth-failures.ts';
import { tokenAuth, SESSION_MS } from './auth.ts';
import { clientAddress } from './client-address.ts';
import { sessionCookie, setSessionCookie } from './cookie.ts';
import { isLocal, isSameOrigin, refuse } from './security.ts';

/** Wrong tokens worth a line in the log. The message never contains the token that was sent. */
export type AuthFailure = { readonly address: string; readonly message: string };

export type AccessOptions = {
  /** Absent: only requests from this machine are allowed. */
  readonly token: string | undefined;
  /** Whether Heroku's router is in front. */
  readonly herokuRouter: boolean;
  readonly now: () => number;
  readonly authFailed: (failure: AuthFailure) => void;
};

type Verdict = 'accepted' | 'wrong' | 'throttled';

/** Decides which requests are answered and which may change something. Every check of a token passes here. */
export class AccessControl {
  readonly #auth: ReturnType<typeof tokenAuth> | undefined;
  readonly #failures = new AuthFailures();
  readonly #options: AccessOptions;
  /** Requests that sent the token itself. */
  readonly #withToken = new WeakSet<FastifyRequest>();

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#auth = options.token === undefined ? undefined : tokenAuth(options.token);
  }

  get needsToken(): boolean {
    return this.#auth !== undefined;
  }

  /** Returns without an answer when the request is admitted; answers it otherwise. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.#auth === undefined) {
      if (!isLocal(request))
        await unauthorized(
          reply,
          'DASHBOARD_TOKEN is not set: only direct requests from this machine are allowed',
        );
      return;
    }
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const verdict = token === undefined ? undefined : this.check(request, token);
    if (verdict === 'accepted') this.#withToken.add(request);
    else if (verdict === 'throttled') await tooMany(reply);
    else if (verdict === 'wrong' || !this.inSession(request)) {
      if (request.routeOptions.url === '/') await reply.redirect('/login', 303);
      else await unauthorized(reply, verdict === 'wrong' ? WRONG_TOKEN : NO_TOKEN);
    }
  }

  /** Whether a request that was admitted still is: a stream may outlast its session. */
  stillAdmitted(request: FastifyRequest): boolean {
    return this.#auth === undefined || this.#withToken.has(request) || this.inSession(request);
  }

  inSession(request: FastifyRequest): boolean {
    const cookie = sessionCookie(request);
    return cookie !== undefined && this.#auth?.inSession(cookie, this.#options.now()) === true;
  }

  /** Whether a request may change something: it comes from our own page, or sent the token. */
  mayChange(request: FastifyRequest): boolean {
    return this.#withToken.has(request) || isSameOrigin(request);
  }

  /** Checks a token, and counts a wrong one against the client. */
  check(request: FastifyRequest, token: string): Verdict {
    const address = clientAddress(request, this.#options.herokuRouter);
    if (!this.#failures.mayTry(address, this.#options.now())) return 'throttled';
    if (this.#auth?.accepts(token) === true) {
      this.#failures.succeeded(address);
      return 'accepted';
    }
    const message = this.#failures.failed(address);
    if (message !== undefined) this.#options.authFailed({ address, message });
    return 'wrong';
  }

  signIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const cookie = this.#auth?.begin(this.#options.now()) ?? '';
    return setSessionCookie(request, reply, cookie, SESSION_MS / 1000);
  }

  signOut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    this.#auth?.end(sessionCookie(request) ?? '', this.#options.now());
    return setSessionCookie(request, reply, '', 0);
  }
}

const NO_TOKEN = 'token required: send Authorization: Bearer DASHBOARD_TOKEN';
const WRONG_TOKEN = 'wrong token: send that of DASHBOARD_TOKEN';

async function unauthorized(reply: FastifyReply, message: string): Promise<void> {
  await refuse(reply.header('www-authenticate', 'Bearer'), 401, message);
}

async function tooMany(reply: FastifyReply): Promise<void> {
  await refuse(reply.header('retry-after', '60'), 429, 'too many wrong tokens; retry in a minute');
}

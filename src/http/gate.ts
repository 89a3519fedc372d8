import type { FastifyReply, FastifyRequest } from 'fastify';

import { tokenAuth, SESSION_MS } from './auth.ts';
import { clientAddress } from './client-address.ts';
import { sessionCookie, setSessionCookie } from './cookie.ts';
import { isFromHere, isOwnPage, refuse } from './guard.ts';
import { Guesses } from './guesses.ts';

/** A wrong token that is worth a line in the log, without what was guessed. */
export type Guess = { readonly address: string; readonly words: string };

export type GateOptions = {
  /** Absent: only this machine may enter. */
  readonly token: string | undefined;
  /** Whether Heroku's router is in front. */
  readonly herokuRouter: boolean;
  readonly now: () => number;
  readonly guessed: (guess: Guess) => void;
};

type Verdict = 'right' | 'wrong' | 'later';

/** The one way to what is behind the token. */
export class Gate {
  readonly #auth: ReturnType<typeof tokenAuth> | undefined;
  readonly #guesses = new Guesses();
  readonly #options: GateOptions;
  /** Requests that showed the token itself. */
  readonly #withToken = new WeakSet<FastifyRequest>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#auth = options.token === undefined ? undefined : tokenAuth(options.token);
  }

  get needsToken(): boolean {
    return this.#auth !== undefined;
  }

  /** Lets a request pass, or answers it. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.#auth === undefined) {
      if (!isFromHere(request))
        await unauthorized(reply, 'without a DASHBOARD_TOKEN only this machine may look, and not by a proxy');
      return;
    }
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const verdict = token === undefined ? undefined : this.try(request, token);
    if (verdict === 'right') this.#withToken.add(request);
    else if (verdict === 'later') await tooMany(reply);
    else if (verdict === 'wrong' || !this.inSession(request)) {
      if (request.routeOptions.url === '/') await reply.redirect('/login', 303);
      else await unauthorized(reply, 'a token is required');
    }
  }

  /** Whether a request that was let in may still be answered: a stream goes on after its session is over. */
  stillIn(request: FastifyRequest): boolean {
    return this.#auth === undefined || this.#withToken.has(request) || this.inSession(request);
  }

  inSession(request: FastifyRequest): boolean {
    const cookie = sessionCookie(request);
    return cookie !== undefined && this.#auth?.inSession(cookie, this.#options.now()) === true;
  }

  /** Whether a request may change something: it came from our own page, or showed the token. */
  mayChange(request: FastifyRequest): boolean {
    return this.#withToken.has(request) || isOwnPage(request);
  }

  /** Looks at a token, and counts it where it is wrong. */
  try(request: FastifyRequest, token: string): Verdict {
    const address = clientAddress(request, this.#options.herokuRouter);
    if (!this.#guesses.mayTry(address, this.#options.now())) return 'later';
    if (this.#auth?.accepts(token) === true) {
      this.#guesses.right(address);
      return 'right';
    }
    const words = this.#guesses.wrong(address);
    if (words !== undefined) this.#options.guessed({ address, words });
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

async function unauthorized(reply: FastifyReply, words: string): Promise<void> {
  await refuse(reply.header('www-authenticate', 'Bearer'), 401, words);
}

async function tooMany(reply: FastifyReply): Promise<void> {
  await refuse(reply.header('retry-after', '60'), 429, 'too many wrong tokens: try again in a minute');
}

import type { IncomingHttpHeaders } from 'node:http';

/** A request as a fault is chosen for it. `body` is the parsed JSON, the raw text where it is none. */
export type PlatformRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

/** What goes wrong with one request. A request that a fault answers costs nothing of the rate limit. */
export type Fault =
  | 'pass'
  /** This answer instead of the true one; an object is sent as JSON, a string as it is. */
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Readonly<Record<string, unknown>> | readonly unknown[];
    }
  /** No answer, ever; the connection stays open. */
  | { readonly hang: true }
  /** The connection is reset, and nothing was done. */
  | { readonly reset: true }
  /** The true answer, so much later. */
  | { readonly delayMs: number }
  /** The request is carried out and its answer is lost. */
  | { readonly applyThenReset: true }
  | { readonly applyThenHang: true }
  /** The true answer, a byte at a time. */
  | { readonly dripMs: number }
  /** The connection is cut when so many bytes of the true answer's body are sent. */
  | { readonly cutAfterBytes: number };

/** Called with every request before anything else is done with it. */
export type Intercept = (request: PlatformRequest) => Fault;

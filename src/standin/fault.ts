import type { IncomingHttpHeaders } from 'node:http';

/** A request that a fault can be chosen for. `body` is the parsed JSON, or the raw text if it is not JSON. */
export type PlatformRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

/** What goes wrong with one request. A request that is answered by a fault does not use up the rate limit. */
export type Fault =
  | 'pass'
  /** This answer instead of the real one; an object is sent as JSON, a string unchanged. */
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Readonly<Record<string, unknown>> | readonly unknown[];
    }
  /** No answer; the connection stays open. */
  | { readonly hang: true }
  /** The connection is reset without carrying out the request. */
  | { readonly reset: true }
  /** The real answer, delayed. */
  | { readonly delayMs: number }
  /** The request is carried out, and its answer is lost. */
  | { readonly applyThenReset: true }
  | { readonly applyThenHang: true }
  /** The real answer, one byte at a time at this interval. */
  | { readonly dripMs: number }
  /** The connection is cut after this many bytes of the real answer's body. */
  | { readonly cutAfterBytes: number };

/** Called for every request before it is carried out. */
export type Intercept = (request: PlatformRequest) => Fault;

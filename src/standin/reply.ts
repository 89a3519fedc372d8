import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import type { Handled } from './handler.ts';
import type { RateLimit } from './rate-limit.ts';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Writes the body bit by bit instead, from its call until the connection closes; then calls what it returned. */
  readonly stream?: (response: ServerResponse) => () => void;
};

/** The whole reply, with the headers recorded from Heroku. `runtimeMs` is what `X-Runtime` shows. */
export function replyOf(
  request: IncomingMessage,
  { answer, headers }: Handled,
  { remaining, multiplier }: Pick<RateLimit, 'remaining' | 'multiplier'>,
  runtimeMs: number,
): Reply {
  const plain = Buffer.from(JSON.stringify(answer.body));
  // The recorded PATCH of an app has ETag and Last-Modified, that of a formation neither.
  const tagged = answer.status === 200 && (request.method === 'GET' || answer.modifiedAt !== undefined);
  const etag = `"${createHash('sha256').update(plain).digest('hex').slice(0, 32)}"`;
  const unchanged = request.method === 'GET' && tagged && request.headers['if-none-match'] === etag;
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = unchanged ? Buffer.alloc(0) : zipped ? gzipSync(plain) : plain;
  return {
    status: unchanged ? 304 : answer.status,
    body,
    headers: {
      'Cache-Control': 'private, no-cache',
      'Content-Type': 'application/json',
      'Request-Id': requestIds(request.headers['request-id']),
      'RateLimit-Multiplier': String(multiplier),
      'RateLimit-Remaining': String(remaining),
      Vary: 'Authorization,Accept-Encoding',
      Via: '1.1 spaces-router',
      'X-Content-Type-Options': 'nosniff',
      'X-Runtime': (runtimeMs / 1000).toFixed(9),
      ...(tagged ? { ETag: etag } : {}),
      ...(tagged && answer.modifiedAt !== undefined
        ? { 'Last-Modified': new Date(answer.modifiedAt).toUTCString() }
        : {}),
      ...(zipped && !unchanged ? { 'Content-Encoding': 'gzip' } : {}),
      ...headers,
      ...answer.headers,
      ...(unchanged ? {} : { 'Content-Length': String(body.length) }),
    },
  };
}

/** The server's own id comes first, then the client's. */
function requestIds(sent: string | string[] | undefined): string {
  return [randomUUID(), ...(sent === undefined ? [] : [String(sent)])].join(',');
}

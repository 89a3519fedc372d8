import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Reply } from '../reply.ts';
import type { ApiAnswer } from './api.ts';
import type { Listing } from './reading.ts';

const HEADERS = { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json' };

/** The reply on the wire; changes that are watched are sent as one JSON document a line. */
export function replyOf(answer: ApiAnswer): Reply {
  const headers = { ...HEADERS, 'Audit-Id': randomUUID() };
  if ('watch' in answer) {
    return {
      status: 200,
      headers,
      body: Buffer.alloc(0),
      stream: (response) => follow(answer.watch, response),
    };
  }
  const body = Buffer.from(JSON.stringify(answer.body));
  return {
    status: answer.status,
    body,
    headers: { ...headers, ...answer.headers, 'Content-Length': String(body.length) },
  };
}

function follow({ timeoutMs, follow: start }: Listing, response: ServerResponse): () => void {
  const timer = setTimeout(() => response.end(), timeoutMs);
  const end = start((event) => response.write(`${JSON.stringify(event)}\n`));
  return () => {
    clearTimeout(timer);
    end();
  };
}

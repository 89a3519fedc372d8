import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, expect, test } from 'vitest';

import { requester } from '../../../src/adapters/heroku/request.ts';
import { Failure } from '../../../src/failure.ts';

const MEGABYTE = 1024 * 1024;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function ask(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): ReturnType<ReturnType<typeof requester>> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = requester({ baseUrl, token: 'HRKU-0123456789', timeoutMs: 20_000 });
  return await request('GET', '/apps/shop/formation', undefined, AbortSignal.timeout(25_000));
}

test('a request accepts no compressed answer', async () => {
  const answer = await ask((request, response) => {
    response.end(JSON.stringify({ accepted: request.headers['accept-encoding'] }));
  });
  expect(answer).toMatchObject({ status: 200, json: { accepted: 'identity' } });
});

test('a compressed answer is not decompressed', async () => {
  const bomb = gzipSync(JSON.stringify({ quantity: 3, padding: ' '.repeat(50 * MEGABYTE) }));
  const answer = await ask((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  expect(answer).toMatchObject({ status: 200, json: undefined });
});

test.each([
  { name: 'declares its length', head: { 'content-length': String(48 * MEGABYTE) } },
  { name: 'comes in chunks', head: {} },
])('an answer of 48 MB that $name is cut off after a few megabytes', async ({ head }) => {
  const piece = Buffer.alloc(MEGABYTE, ' ');
  let sent = 0;
  const answer = await ask((_, response) => {
    response.writeHead(200, head);
    const more = (): void => {
      while (sent < 48 * MEGABYTE && !response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  expect(answer).toBeInstanceOf(Failure);
  expect(answer).toMatchObject({ code: 'HEROKU_REPLY', message: expect.stringContaining('4 MB') as string });
  // The sockets' buffers come on top of what was read.
  expect(sent).toBeLessThan(32 * MEGABYTE);
});

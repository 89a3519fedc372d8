import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

import type { Fault, PlatformRequest } from './fault.ts';
import type { Reply } from './reply.ts';

/** Far above any request of the Platform API. */
const MAX_BODY_BYTES = 1_048_576;

/** PEM: the server's key and certificate, which has to be valid for `localhost`, and the CA of clients' certificates. */
export type TlsOptions = { readonly key: string; readonly cert: string; readonly clientCa?: string };

export type ServerParts = {
  readonly fault: (request: PlatformRequest) => Fault;
  readonly reply: (message: IncomingMessage, request: PlatformRequest) => Reply;
  /** Absent: plain HTTP. A client's certificate is asked for where `clientCa` is given, and never required. */
  readonly tls?: TlsOptions | undefined;
  /** Epoch ms, for the `Date` of every answer. */
  readonly now: () => number;
  /** Records the request, and returns what to call with the status of its answer. */
  readonly record: (request: PlatformRequest) => (status: number) => void;
};

/** An HTTP server on a free loopback port that can go wrong on purpose. */
export async function startServer(
  parts: ServerParts,
): Promise<{ readonly url: string; connections(): number; close(): Promise<void> }> {
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    serve(parts, message, response).catch(() => {
      response.destroy();
    });
  };
  const { tls } = parts;
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer(
          {
            key: tls.key,
            cert: tls.cert,
            ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
            requestCert: tls.clientCa !== undefined,
            rejectUnauthorized: false,
          },
          listener,
        );
  const sockets = new Set<unknown>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: tls === undefined ? `http://127.0.0.1:${portOf(server)}` : `https://localhost:${portOf(server)}`,
    connections: () => sockets.size,
    close: () => closeServer(server),
  };
}

async function serve(parts: ServerParts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Date', new Date(parts.now()).toUTCString());
  const body = parse(await bodyOf(message));
  const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body };
  const answered = parts.record(request);
  const fault = parts.fault(request);
  if (fault === 'pass') {
    const reply = parts.reply(message, request);
    answered(reply.status);
    send(response, reply);
  } else if ('status' in fault) {
    answered(fault.status);
    sendFault(response, fault);
  } else if ('reset' in fault) {
    message.socket.resetAndDestroy();
  } else if ('applyThenReset' in fault) {
    answered(parts.reply(message, request).status);
    message.socket.resetAndDestroy();
  } else if ('applyThenHang' in fault) {
    answered(parts.reply(message, request).status);
  } else if ('delayMs' in fault) {
    await delay(fault.delayMs);
    const reply = parts.reply(message, request);
    answered(reply.status);
    send(response, reply);
  } else if ('dripMs' in fault) {
    const reply = parts.reply(message, request);
    answered(reply.status);
    await drip(response, reply, fault.dripMs);
  } else if ('cutAfterBytes' in fault) {
    const reply = parts.reply(message, request);
    answered(reply.status);
    response.writeHead(reply.status, reply.headers);
    response.write(reply.body.subarray(0, fault.cutAfterBytes), () => message.socket.destroy());
  }
}

function send(response: ServerResponse, { status, headers, body, stream }: Reply): void {
  response.writeHead(status, headers);
  if (stream === undefined) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  const end = stream(response);
  response.once('close', end);
}

function sendFault(response: ServerResponse, fault: Extract<Fault, { status: number }>): void {
  const raw = typeof fault.body === 'string' || fault.body === undefined;
  const type = raw ? 'text/html' : 'application/json';
  response.writeHead(fault.status, { 'Content-Type': type, ...fault.headers });
  response.end(raw ? fault.body : JSON.stringify(fault.body));
}

async function drip(
  response: ServerResponse,
  { status, headers, body }: Reply,
  everyMs: number,
): Promise<void> {
  response.writeHead(status, headers);
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Uint8Array.of(byte));
    await delay(everyMs);
  }
  response.end();
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

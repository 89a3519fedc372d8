import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

import { selfSigned } from './self-signed.ts';

/** A proxy that ends TLS, and leaves the headers that Heroku's router does. */
export async function startTlsProxy(
  target: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { key, certificate } = selfSigned('localhost');
  const { hostname, port } = new URL(target);
  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const before = incoming.headers['x-forwarded-for'];
    const address = incoming.socket.remoteAddress ?? '';
    const headers = {
      ...incoming.headers,
      'x-forwarded-for': before === undefined ? address : `${String(before)}, ${address}`,
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      via: '1.1 router',
    };
    const { method = 'GET', url: path = '/' } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, outgoing, () => {});
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

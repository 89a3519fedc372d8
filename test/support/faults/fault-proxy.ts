import type { Socket } from 'node:net';

import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';

/** How the network between two parts behaves, from now on and for the connections that are open too. */
export type NetworkMode =
  | { readonly kind: 'pass' }
  /** Every byte of an answer is delayed. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is reset after so many bytes of the next answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** What is sent is lost, without an error. */
  | { readonly kind: 'half-open' }
  /** Connections are reset as soon as they open. */
  | { readonly kind: 'refuse' }
  /** Invalid bytes instead of the answer. */
  | { readonly kind: 'garbage' }
  /** One byte of the answers at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number };

export type FaultProxy = Pick<TcpProxy, 'port' | 'stop'> & {
  mode: NetworkMode;
  /** Connections that are open. */
  readonly connections: number;
};

const GARBAGE = Buffer.from('\u0000\u0007$-9\r\nHTTP/9.9 abc <html>\r\n*99999999999\r\n+\u001B[2J', 'latin1');

/** A TCP proxy on loopback that injects network faults. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let mode: NetworkMode = { kind: 'pass' };

  const { port, pairs, stop } = await startTcpProxy(
    targetPort,
    ({ client, target }) => {
      client.on('data', (chunk) => {
        if (mode.kind !== 'half-open') target.write(chunk);
      });
      target.on('data', (chunk) => answer(client, chunk));
    },
    () => mode.kind === 'refuse',
  );

  function answer(client: Socket, chunk: Buffer): void {
    switch (mode.kind) {
      case 'pass':
        client.write(chunk);
        return;
      case 'delay':
        setTimeout(() => client.write(chunk), mode.ms);
        return;
      case 'cut':
        client.write(chunk.subarray(0, mode.afterBytes), () => client.resetAndDestroy());
        return;
      case 'garbage':
        client.write(GARBAGE);
        return;
      case 'drip':
        void drip(client, chunk, mode.everyMs);
        return;
      case 'half-open':
      case 'refuse':
        return;
      default:
        mode satisfies never;
    }
  }

  return {
    port,
    stop,
    get connections() {
      return pairs.size;
    },
    get mode() {
      return mode;
    },
    set mode(next) {
      // What was lost on a half-open connection never comes.
      const broken = next.kind === 'refuse' || mode.kind === 'half-open';
      mode = next;
      if (broken) for (const { client } of pairs) client.resetAndDestroy();
    },
  };
}

async function drip(client: Socket, chunk: Buffer, everyMs: number): Promise<void> {
  for (const byte of chunk) {
    if (client.destroyed) return;
    client.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

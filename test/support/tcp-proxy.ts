import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A connection through a proxy: the client's side of it and the server's. */
export type Pair = { readonly client: Socket; readonly target: Socket };

export type TcpProxy = {
  readonly port: number;
  /** The connections that are open. */
  readonly pairs: ReadonlySet<Pair>;
  readonly stop: () => Promise<void>;
};

/**
 * A TCP proxy on loopback. `relay` is called for each connection, and passes on what either side sends. A connection is
 * reset as soon as it opens where `refuses` is true.
 */
export async function startTcpProxy(
  targetPort: number,
  relay: (pair: Pair) => void,
  refuses: () => boolean = () => false,
): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const server = createServer((client) => {
    client.on('error', () => {});
    if (refuses()) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: targetPort, host: '127.0.0.1' }).on('error', () => {});
    const pair = { client, target };
    pairs.add(pair);
    for (const socket of [client, target]) {
      socket.setNoDelay(true).on('close', () => {
        pairs.delete(pair);
        client.destroy();
        target.destroy();
      });
    }
    relay(pair);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    pairs,
    async stop() {
      for (const { client, target } of pairs) {
        client.destroy();
        target.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

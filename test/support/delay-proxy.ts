import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that holds every byte back, as a network would, and counts what passes. */
export type DelayProxy = {
  readonly port: number;
  /** How long each byte travels in one direction: half a round trip. */
  oneWayMs: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Times that a client began to send after it had been answered: round trips. */
  readonly turns: number;
  readonly bytesSent: number;
  stop(): Promise<void>;
};

export async function startDelayProxy(targetPort: number, oneWayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const seen = { connections: 0, turns: 0, bytesSent: 0, oneWayMs };

  const server = createServer((client) => {
    seen.connections += 1;
    const target = connect({ port: targetPort, host: '127.0.0.1' });
    let answered = true;
    client.on('data', (chunk) => {
      if (answered) seen.turns += 1;
      answered = false;
      seen.bytesSent += chunk.length;
      later(target, chunk);
    });
    target.on('data', (chunk) => {
      later(client, chunk, () => {
        answered = true;
      });
    });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  /** Timers of one length fire in the order they were set, so bytes stay in order. */
  function later(to: Socket, chunk: Buffer, then?: () => void): void {
    const send = (): void => {
      to.write(chunk);
      then?.();
    };
    if (seen.oneWayMs === 0) send();
    else setTimeout(send, seen.oneWayMs);
  }

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    get oneWayMs() {
      return seen.oneWayMs;
    },
    set oneWayMs(ms) {
      seen.oneWayMs = ms;
    },
    get connections() {
      return seen.connections;
    },
    get turns() {
      return seen.turns;
    },
    get bytesSent() {
      return seen.bytesSent;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

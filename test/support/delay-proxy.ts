import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/**
 * A TCP proxy on loopback that holds every byte back, as a network would. `oneWayMs` is how long each byte travels in one
 * direction: half a round trip.
 */
export async function startDelayProxy(targetPort: number, oneWayMs: number): Promise<TcpProxy> {
  return await startTcpProxy(targetPort, ({ client, target }) => {
    // Timers of one length fire in the order they were set, so bytes stay in order.
    client.on('data', (chunk) => void setTimeout(() => target.write(chunk), oneWayMs));
    target.on('data', (chunk) => void setTimeout(() => client.write(chunk), oneWayMs));
  });
}

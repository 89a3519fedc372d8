import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

/**
 * The client that wrong tokens are counted against. Heroku's router appends its peer's address to X-Forwarded-For: only
 * that last entry cannot be forged by the client, and only behind that router.
 */
export function clientAddress({ headers, socket }: FastifyRequest, herokuRouter: boolean): string {
  const forwarded = herokuRouter ? String(headers['x-forwarded-for'] ?? '') : '';
  const last = forwarded.split(',').at(-1)?.trim() ?? '';
  return networkOf(isIP(last) === 0 ? (socket.remoteAddress ?? '') : last);
}

/** An IPv6 client can use 2^64 addresses, so its /64 network counts. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [left = [], right = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

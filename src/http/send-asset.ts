import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Asset } from './assets.ts';

/** Files change only with the version: the browser asks, and mostly hears that it has it already. */
export async function sendAsset(
  asset: Asset,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply
    .type(asset.type)
    .header('etag', asset.etag)
    .header('cache-control', 'no-cache')
    .header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === asset.etag) return await reply.code(304).send();
  if (!takesGzip(request)) return await reply.send(asset.plain);
  return await reply.header('content-encoding', 'gzip').send(asset.gzipped);
}

export function takesGzip(request: FastifyRequest): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
}

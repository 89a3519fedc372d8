import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Asset } from './assets.ts';

/** Files change only with a new version, so most requests of a browser end in 304. */
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
  if (!acceptsGzip(request)) return await reply.send(asset.plain);
  return await reply.header('content-encoding', 'gzip').send(asset.gzipped);
}

export function acceptsGzip(request: FastifyRequest): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
}

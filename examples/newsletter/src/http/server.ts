import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

import type { Tasks } from '../queues/tasks.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import { campaignRoutes } from './campaigns.ts';

export type Parts = { readonly store: Store; readonly redis: Redis; readonly tasks: Tasks };

export async function createServer(
  parts: Parts,
  settings: Pick<Settings, 'requestTimeoutMs' | 'workerTimeoutMs' | 'reportBeatMs'>,
): Promise<FastifyInstance> {
  const server = Fastify({ handlerTimeout: settings.requestTimeoutMs, forceCloseConnections: true });
  campaignRoutes(server, parts);
  await server.ready();
  return server;
}

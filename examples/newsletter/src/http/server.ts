import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

import type { Tasks } from '../queues/tasks.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import { campaignRoutes } from './campaigns.ts';
import { answerErrors } from './errors.ts';
import { pictureRoutes } from './pictures.ts';
import { reportRoutes } from './reports.ts';
import { taskRoutes } from './tasks.ts';

export type Parts = { readonly store: Store; readonly redis: Redis; readonly tasks: Tasks };

/** Not listening yet, so that a test may add routes. */
export function createServer(
  parts: Parts,
  settings: Pick<Settings, 'requestTimeoutMs' | 'workerTimeoutMs' | 'reportBeatMs'>,
): FastifyInstance {
  const server = Fastify({
    handlerTimeout: settings.requestTimeoutMs,
    forceCloseConnections: true,
    logger: { level: 'warn' },
  });
  answerErrors(server, settings.requestTimeoutMs);
  campaignRoutes(server, parts);
  reportRoutes(server, parts, settings);
  taskRoutes(server, parts);
  pictureRoutes(server, parts, settings);
  return server;
}

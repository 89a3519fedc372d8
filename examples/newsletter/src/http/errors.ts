import type { FastifyError, FastifyInstance } from 'fastify';

import { RanDry } from '../reports/drip.ts';
import { ReportFailed } from '../reports/incoming.ts';
import { StoreTimeout } from '../store/store.ts';
import { Malformed } from './wellformed.ts';
import { WorkerTimeout } from './worker-timeout.ts';

/** Who gave up on a request. The router, which tells the client nothing but H12, should never have to. */
type Layer = 'database' | 'worker' | 'server';

type GaveUp = { readonly layer: Layer; readonly error: string; readonly afterMs: number };

export function answerErrors(server: FastifyInstance, requestTimeoutMs: number): void {
  server.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const route = `${request.method} ${request.routeOptions.url ?? request.url}`;
    const gaveUp = gaveUpOf(error, requestTimeoutMs);
    if (gaveUp !== undefined) {
      request.log.warn({ ...gaveUp, route }, 'gave up');
      return await reply
        .code(503)
        .header('retry-after', '5')
        .send({ ...gaveUp, route });
    }
    if (error instanceof ReportFailed || error instanceof RanDry) {
      return await reply.code(503).send({ error: error.code, route });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const details = error instanceof Malformed ? { details: error.message } : {};
      return await reply.code(status).send({ error: error.code, ...details });
    }
    request.log.error({ err: error, route }, 'failed');
    return await reply.code(500).send({ error: 'INTERNAL', route });
  });
}

function gaveUpOf(error: FastifyError | Error, requestTimeoutMs: number): GaveUp | undefined {
  if (error instanceof StoreTimeout) return { layer: 'database', error: error.code, afterMs: error.afterMs };
  if (error instanceof WorkerTimeout) return { layer: 'worker', error: error.code, afterMs: error.afterMs };
  return 'code' in error && error.code === 'FST_ERR_HANDLER_TIMEOUT'
    ? { layer: 'server', error: 'REQUEST_TIMEOUT', afterMs: requestTimeoutMs }
    : undefined;
}

import type { FastifyReply, FastifyRequest } from 'fastify';

import { refuse } from './guard.ts';
import type { Site } from './site.ts';

const LONGEST_PAUSE_MS = 365 * 24 * 3_600_000;

/** Pause and resume: from our own page, or from a program with the token. */
export function actionRoutes({ app, gate, ports, signal }: Site): void {
  const preHandler = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!gate.mayChange(request))
      await refuse(reply, 403, 'this is for the dashboard itself, or for programs with the token');
    else if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      await refuse(reply, 415, 'the body is JSON');
  };

  app.post('/pause', { preHandler }, async ({ body }, reply) => {
    const forMs = forMsOf(body);
    if (forMs === 'wrong') return await refuse(reply, 400, 'forMs is a number of milliseconds, up to a year');
    const at = ports.clock.now();
    const pause = { by: 'the dashboard', ...(forMs === undefined ? {} : { until: at + forMs }) };
    await ports.pause.set(pause, at, signal());
    return await reply.send({ pause });
  });

  app.post('/resume', { preHandler }, async (_request, reply) => {
    await ports.pause.clear(signal());
    return await reply.send({ pause: null });
  });
}

function forMsOf(body: unknown): number | undefined | 'wrong' {
  if (typeof body !== 'object' || body === null) return 'wrong';
  const forMs = 'forMs' in body ? body.forMs : undefined;
  if (forMs === undefined) return undefined;
  return typeof forMs === 'number' && forMs >= 1000 && forMs <= LONGEST_PAUSE_MS ? forMs : 'wrong';
}
